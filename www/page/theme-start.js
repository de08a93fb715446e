// Runs before anything is drawn, so that nobody sees the wrong theme first: a script of its own, for
// which the parser waits.

import { applyTheme, readTheme } from './theme.js';

applyTheme(readTheme());
