// Where the methods come from. Names and titles are the same in every language.

/** @typedef {{ authors: string, title: string, year: number, url: string }} Paper */

const arxiv = (/** @type {string} */ id) => `https://arxiv.org/abs/${id}`;

/** @satisfies {Record<string, Paper>} */
export const papers = {
  fourBits: {
    authors: 'Aji & Heafield',
    title: 'Compressing Neural Machine Translation Models with 4-bit Precision',
    year: 2020,
    url: 'https://aclanthology.org/2020.ngt-1.4/',
  },
  gptq: {
    authors: 'Frantar et al.',
    title: 'GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers',
    year: 2022,
    url: arxiv('2210.17323'),
  },
  deepCabac: {
    authors: 'Wiedemann et al.',
    title: 'DeepCABAC: A Universal Compression Algorithm for Deep Neural Networks',
    year: 2020,
    url: arxiv('1907.11900'),
  },
  see: {
    authors: 'See et al.',
    title: 'Compression of Neural Machine Translation Models via Pruning',
    year: 2016,
    url: arxiv('1606.09274'),
  },
  wanda: {
    authors: 'Sun et al.',
    title: 'A Simple and Effective Pruning Approach for Large Language Models',
    year: 2023,
    url: arxiv('2306.11695'),
  },
  brainDamage: {
    authors: 'LeCun et al.',
    title: 'Optimal Brain Damage',
    year: 1990,
    url: 'https://proceedings.neurips.cc/paper/1989/hash/6c9882bbac1c7093bd25041881277658-Abstract.html',
  },
  brainSurgeon: {
    authors: 'Hassibi & Stork',
    title: 'Second order derivatives for network pruning: Optimal Brain Surgeon',
    year: 1993,
    url: 'https://proceedings.neurips.cc/paper/1992/hash/303ed4c69846ab36c2904d3ba8573050-Abstract.html',
  },
  sparseGpt: {
    authors: 'Frantar & Alistarh',
    title: 'SparseGPT: Massive Language Models Can Be Accurately Pruned in One-Shot',
    year: 2023,
    url: arxiv('2301.00774'),
  },
  dataFree: {
    authors: 'Srinivas & Babu',
    title: 'Data-free Parameter Pruning for Deep Neural Networks',
    year: 2015,
    url: arxiv('1507.06149'),
  },
  noiseOut: {
    authors: 'Babaeizadeh et al.',
    title: 'NoiseOut: A Simple Way to Prune Neural Networks',
    year: 2016,
    url: arxiv('1611.06211'),
  },
  zipLm: {
    authors: 'Kurtić et al.',
    title: 'ZipLM: Inference-Aware Structured Pruning of Language Models',
    year: 2023,
    url: arxiv('2302.04089'),
  },
  groupLasso: {
    authors: 'Behnke & Heafield',
    title: 'Pruning Neural Machine Translation for Speed Using Group Lasso',
    year: 2021,
    url: 'https://aclanthology.org/2021.wmt-1.116/',
  },
  heads: {
    authors: 'Voita et al.',
    title:
      'Analyzing Multi-Head Self-Attention: Specialized Heads Do the Heavy Lifting, the Rest Can Be Pruned',
    year: 2019,
    url: arxiv('1905.09418'),
  },
  layers: {
    authors: 'Sajjad et al.',
    title: 'On the Effect of Dropping Layers of Pre-trained Transformer Models',
    year: 2023,
    url: arxiv('2004.03844'),
  },
  predicting: {
    authors: 'Denil et al.',
    title: 'Predicting Parameters in Deep Learning',
    year: 2013,
    url: arxiv('1306.0543'),
  },
  restructuring: {
    authors: 'Xue et al.',
    title: 'Restructuring of Deep Neural Network Acoustic Models with Singular Value Decomposition',
    year: 2013,
    url: 'https://doi.org/10.21437/Interspeech.2013-552',
  },
  svdLlm: {
    authors: 'Wang et al.',
    title:
      'SVD-LLM: Truncation-aware Singular Value Decomposition for Large Language Model Compression',
    year: 2024,
    url: arxiv('2403.07378'),
  },
  vectors: {
    authors: 'Gong et al.',
    title: 'Compressing Deep Convolutional Networks using Vector Quantization',
    year: 2014,
    url: arxiv('1412.6115'),
  },
  products: {
    authors: 'Wu et al.',
    title: 'Quantized Convolutional Neural Networks for Mobile Devices',
    year: 2016,
    url: arxiv('1512.06473'),
  },
  gptvq: {
    authors: 'van Baalen et al.',
    title: 'GPTVQ: The Blessing of Dimensionality for LLM Quantization',
    year: 2024,
    url: arxiv('2402.15319'),
  },
  svdSoftmax: {
    authors: 'Shim et al.',
    title: 'SVD-Softmax: Fast Softmax Approximation on Large Vocabulary Neural Networks',
    year: 2017,
    url: 'https://proceedings.neurips.cc/paper/2017/hash/4e2a6330465c8ffcaa696a5a16639176-Abstract.html',
  },
  loadWhatYouNeed: {
    authors: 'Abdaoui et al.',
    title: 'Load What You Need: Smaller Versions of Multilingual BERT',
    year: 2020,
    url: arxiv('2010.05609'),
  },
};
