// The texts that are measured: ordinary sentences of several lengths. A model of another language gets
// the English ones: what it makes of them is thrown away, and the work is much the same.

/** @type {Record<string, string[]>} */
const SENTENCES = {
  en: [
    'The bakery on the corner opens at six, long before the first bus arrives.',
    'Nobody had told her that the meeting would take place in another building.',
    'Please close the window.',
    'He wrote a long letter to the city about the broken lamp in front of his house, and two weeks later somebody came to repair it.',
    'We took the wrong train and had lunch in a town that none of us had ever heard of.',
    'How much does a ticket for two children cost?',
    'The museum keeps most of its paintings in the cellar, where it is cool and dry.',
    'If the rain does not stop before noon, the match will be played on Sunday instead.',
    'My neighbour grows tomatoes on the roof and gives most of them away.',
    'The report says that the river is cleaner than it was thirty years ago, although there are still days on which swimming is not allowed.',
    'It was already dark when they found the path again.',
    'She learned to repair clocks from an uncle who hardly ever spoke.',
  ],
  pt: [
    'A padaria da esquina abre às seis, muito antes de o primeiro ônibus chegar.',
    'Ninguém tinha avisado que a reunião seria em outro prédio.',
    'Feche a janela, por favor.',
    'Ele escreveu uma longa carta à prefeitura sobre a lâmpada quebrada em frente à sua casa, e duas semanas depois alguém veio consertá-la.',
    'Pegamos o trem errado e almoçamos em uma cidade de que nenhum de nós tinha ouvido falar.',
    'Quanto custa a entrada para duas crianças?',
    'O museu guarda a maior parte dos quadros no porão, onde é fresco e seco.',
    'Se a chuva não parar antes do meio-dia, o jogo vai ficar para domingo.',
    'Meu vizinho planta tomates no terraço e dá quase todos de presente.',
    'O relatório diz que o rio está mais limpo do que há trinta anos, embora ainda haja dias em que não se pode nadar.',
    'Já estava escuro quando eles encontraram o caminho de novo.',
    'Ela aprendeu a consertar relógios com um tio que quase nunca falava.',
  ],
};

/** As many as fill a GPU's batches, in a time that nobody notices on a CPU. */
const LONG = 48;

/**
 * @param {string} language
 * @returns {{ short: string[], long: string[] }} sentences
 */
export function samplesOf(language) {
  const sentences = SENTENCES[language] ?? SENTENCES.en;
  const long = Array.from({ length: LONG }, (_, i) => sentences[i % sentences.length]);
  return { short: sentences.slice(0, 1), long };
}
