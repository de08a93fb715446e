// Light, dark, or as the system has it: which style sheet counts, and what the browser draws around it.

/** @typedef {'system' | 'light' | 'dark'} Theme */

const KEY = 'pocketglot.theme';
const SYSTEM_IS_DARK = '(prefers-color-scheme: dark)';

/** @returns {Theme} */
export function readTheme() {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    return 'system';
  }
}

/** @param {Theme} theme */
export function keepTheme(theme) {
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Storage is forbidden or full: the choice holds until the page is left.
  }
}

/** The next one for a button: what looks different comes first. @param {Theme} theme @returns {Theme} */
export function nextTheme(theme) {
  const systemIs = matchMedia(SYSTEM_IS_DARK).matches ? 'dark' : 'light';
  const other = systemIs === 'dark' ? 'light' : 'dark';
  return theme === 'system' ? other : theme === other ? systemIs : 'system';
}

/** @param {Theme} theme */
export function applyTheme(theme) {
  const when = { system: SYSTEM_IS_DARK, light: 'not all', dark: 'all' };
  const whenLight = { system: '(prefers-color-scheme: light)', light: 'all', dark: 'not all' };
  setMedia('#dark', when[theme]);
  setMedia('meta[name="theme-color"].dark', when[theme]);
  setMedia('meta[name="theme-color"].light', whenLight[theme]);
  document.documentElement.style.colorScheme = theme === 'system' ? '' : theme;
}

/** @param {string} selector @param {string} media */
function setMedia(selector, media) {
  const node = document.querySelector(selector);
  if (!node) throw new Error(`index.html has no ${selector}`);
  // A style sheet whose condition is set anew is loaded anew.
  if (node.getAttribute('media') !== media) node.setAttribute('media', media);
}
