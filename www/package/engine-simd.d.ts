export { Engine, default } from './engine.js';
