// The controls of the page itself: the language of its texts, and light or dark.

import { element, setText } from './dom.js';
import { keepLanguage, loadTexts, preferredLanguage, texts } from './texts.js';
import { applyTheme, keepTheme, nextTheme, readTheme } from './theme.js';

/** @typedef {import('./texts.js').PageLanguage} PageLanguage */

/** Half a disc, a sun, a moon. */
const ICONS = {
  system: 'M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16zM12 4v16M15 5v14M18 7v10',
  light:
    'M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  dark: 'M19.5 14.5A8 8 0 1 1 9.5 4.5a6.5 6.5 0 0 0 10 10z',
};

const elements = {
  languages: element('page-languages', HTMLDivElement),
  trouble: element('language-trouble', HTMLParagraphElement),
  theme: element('theme', HTMLButtonElement),
};
const buttons = [...elements.languages.querySelectorAll('button')];

let theme = readTheme();
/** The language that was asked for last: an earlier one that arrives after it is not wanted any more. */
let wanted = '';
/** The name of one that could not be loaded. @type {string | undefined} */
let missing;

/** @param {() => void} redraw puts all texts on screen anew */
export function startHeader(redraw) {
  elements.theme.addEventListener('click', () => {
    theme = nextTheme(theme);
    keepTheme(theme);
    showTheme();
  });
  // Another tab may have chosen.
  addEventListener('storage', () => {
    theme = readTheme();
    showTheme();
  });
  for (const button of buttons) {
    button.addEventListener('click', async () => {
      const language = /** @type {PageLanguage} */ (button.lang);
      if (await use(language)) keepLanguage(language);
      redraw();
    });
  }
  renderHeader();
  const language = preferredLanguage();
  if (language !== texts.locale) void use(language).then(redraw);
}

/** @param {PageLanguage} language @returns {Promise<boolean>} whether the page is in it now */
async function use(language) {
  wanted = language;
  missing = undefined;
  try {
    await loadTexts(language, () => wanted === language);
  } catch {
    if (wanted === language) missing = buttons.find(({ lang }) => lang === language)?.title;
  }
  return texts.locale === language;
}

/** With the texts that are chosen now. */
export function renderHeader() {
  elements.languages.setAttribute('aria-label', texts.pageLanguage);
  for (const button of buttons) {
    button.setAttribute('aria-pressed', String(button.lang === texts.locale));
  }
  elements.trouble.hidden = missing === undefined;
  setText(elements.trouble, missing === undefined ? '' : texts.languageMissing(missing));
  showTheme();
}

function showTheme() {
  applyTheme(theme);
  elements.theme.querySelector('path')?.setAttribute('d', ICONS[theme]);
  elements.theme.setAttribute('aria-label', texts.theme[theme]);
  elements.theme.title = texts.theme[theme];
}
