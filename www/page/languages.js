// The languages of the page: their own names, and sentences to try.

/** @typedef {{ name: string, htmlLang: string, samples: string[] }} Language */

/** Those that we know best. @type {Record<string, Language>} */
const known = {
  en: {
    name: 'English',
    htmlLang: 'en',
    samples: [
      'Could you tell me where the nearest pharmacy is?',
      'The meeting has been moved to Thursday because the train was late again.',
      'My grandmother kept every letter he wrote, even the ones she never answered.',
    ],
  },
  pt: {
    name: 'Português',
    htmlLang: 'pt-BR',
    samples: [
      'Você sabe se ainda tem pão fresco na padaria da esquina?',
      'A reunião ficou para quinta-feira porque o ônibus atrasou de novo.',
      'Meu avô guardava no bolso um mapa da cidade onde nasceu.',
    ],
  },
};

/** @param {string} tag @returns {Language} */
export function languageOf(tag) {
  return known[tag] ?? { name: ownName(tag), htmlLang: tag, samples: [] };
}

/** A language's name in itself, with the capital that a menu gives it. @param {string} tag */
function ownName(tag) {
  const name = new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag;
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
}

/** @typedef {{ source: string, target: string }} Pair */

/** Those that are there before the list of models is. @type {Pair[]} */
export const firstPairs = [
  { source: 'en', target: 'pt' },
  { source: 'pt', target: 'en' },
];

/** @param {Pair} pair */
export const nameOf = ({ source, target }) => `${source}-${target}`;

/** @param {Pair} pair */
export const pairName = ({ source, target }) => `${languageOf(source).name} → ${languageOf(target).name}`;
