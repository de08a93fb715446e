// The texts of the page with those of the laboratory, which are loaded with it.

import { laboratory } from '../texts.en.js?laboratory';
import { addTexts } from '../texts.js';

addTexts(laboratory);

export { texts } from '../texts.js';
