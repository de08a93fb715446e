// The languages of the page: their own names, and sentences to try.

/** @typedef {{ name: string, htmlLang: string, samples: string[] }} Language */

/** @type {Record<string, Language>} */
export const languages = {
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

/** @typedef {{ source: string, target: string }} Pair */

/** @type {Pair[]} */
export const pairs = [
  { source: 'en', target: 'pt' },
  { source: 'pt', target: 'en' },
];

/** @param {Pair} pair */
export const pairName = ({ source, target }) =>
  `${languages[source].name} → ${languages[target].name}`;
