import { fileURLToPath } from 'node:url';

/** @type {import('webpack').Configuration} */
export default {
  mode: 'production',
  entry: './src/main.js',
  output: {
    path: fileURLToPath(new URL('public/build', import.meta.url)),
    filename: 'main.js',
    clean: true,
  },
  // What is counted here is not what a visitor waits for: of the files, two are fetched at the start.
  performance: false,
};
