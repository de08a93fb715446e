// What links in Markdown lead to.

/** @param {string} page */
export const withoutCode = (page) => page.replace(/^```[^]*?^```$/gm, '');

/** What the headings of a page are called in links, as GitHub does it. @param {string} page */
export function anchorsOf(page) {
  const seen = new Map();
  const names = [...withoutCode(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/\\/g, '');
    const name = text.trim().toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-');
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : `${name}-${before}`;
  });
  return new Set(names);
}
