// The build takes of the English texts what a script uses; asked for in this way, those of the laboratory.

declare module '*/texts.en.js?laboratory' {
  export const laboratory: typeof import('./texts.en.js').laboratory;
}
