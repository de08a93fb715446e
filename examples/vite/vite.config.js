// With these a page may use several threads. The server that the page is put on has to send them too.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** @type {import('vite').UserConfig} */
export default {
  // Wherever the page is put.
  base: './',
  server: { headers },
  preview: { headers },
};
