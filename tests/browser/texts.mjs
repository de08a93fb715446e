// Texts that the browser tests translate.

export const PARAGRAPH = {
  en: 'The city council met on Tuesday to discuss the new hospital. The mayor said that the work will begin in March, but nobody knows who will pay for the bridge.',
  pt: 'A prefeitura anunciou na terça-feira que o novo hospital vai abrir em março. A professora disse que os alunos vão visitar o museu, mas ninguém sabe quanto custa a entrada.',
};

/** What any good translation of those holds, as patterns. */
export const EXPECTED = {
  en: ['terça', 'hospital', 'prefeito|prefeita', 'março', 'ninguém', 'ponte'],
  pt: ['Tuesday', 'hospital', 'March', 'teacher', 'students', 'museum', 'nobody|no one|no-one'],
};

const SENTENCES = [
  'The ferry was late again, so we walked along the harbour and bought bread from the last open bakery.',
  'Dr. Almeida explained that 3.5 percent of the patients needed a second visit.',
  'Why would anyone paint a perfectly good door green?',
  'When the rain stopped, the children ran outside and counted the snails on the garden wall.',
  'Please send the signed contract before Friday; otherwise the price will change.',
  'The old clock in the station has shown ten past four since the summer of 1987.',
  'She laughed, closed the book, and said that the ending was better in the film.',
  'Most of the budget goes to heating, which surprised the new treasurer.',
];

/** A text of at least so many words, in paragraphs of eight sentences. */
export function longText(words) {
  const paragraphs = [];
  for (let count = 0; count < words;) {
    const number = paragraphs.length + 1;
    const paragraph = [`This is paragraph number ${number}.`, ...SENTENCES].join(' ');
    count += paragraph.split(' ').length;
    paragraphs.push(paragraph);
  }
  return paragraphs.join('\n\n');
}
