// The project's recipes, which the build turns into objects.

declare module '*.toml' {
  const recipe: import('../package/lab-protocol.js').Recipe;
  export default recipe;
}
