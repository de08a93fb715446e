export { Engine, Loader, break_down, default, dismiss, help, initSync } from './engine.js';
