// Every text of the page, in Traditional Chinese as it is written in Taiwan. The keys are those of
// texts.en.js.

import { inChinese } from './messages.zh-Hant.js';

const LOCALE = 'zh-Hant-TW';

const tenths = new Intl.NumberFormat(LOCALE, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const whole = new Intl.NumberFormat(LOCALE);
const megabytes2 = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const nats = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 2, maximumFractionDigits: 6 });
const decimal = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 });
const rounded = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
const twoDigits = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 2 });
const difference = new Intl.NumberFormat(LOCALE, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  signDisplay: 'exceptZero',
});
const percent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 1 });
const wholePercent = new Intl.NumberFormat(LOCALE, { style: 'percent' });
const smallPercent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumSignificantDigits: 2 });
const milliseconds = new Intl.NumberFormat(LOCALE, {
  style: 'unit',
  unit: 'millisecond',
  maximumFractionDigits: 0,
});
const seconds = new Intl.NumberFormat(LOCALE, {
  style: 'unit',
  unit: 'second',
  maximumFractionDigits: 1,
});

/** @param {number} bytes */
const mb = (bytes) => tenths.format(bytes / 1e6);

/** A true minus sign. @param {string} number */
const minus = (number) => number.replace('-', '\u2212');
/** @param {number} points */
const signed = (points) => minus(difference.format(points));
/** @param {number} value */
const value = (value) => minus(twoDigits.format(value));

/** Small shares with their digits. @param {number} share */
const share = (share) => (share < 0.095 ? smallPercent : wholePercent).format(share);

/** In one piece: a number and its unit stay on one line. @param {number} ms */
const duration = (ms) => {
  const text =
    ms < 1000 ? milliseconds.format(Math.max(1, Math.round(ms))) : seconds.format(ms / 1000);
  return text.replace(' ', '\u00A0');
};

/** Languages have their own names on the page; inside a sentence they have Chinese ones. */
const CHINESE = new Map([
  ['English', '英文'],
  ['Português', '葡萄牙文'],
]);
/** @param {string} language */
const named = (language) => CHINESE.get(language) ?? language;

/** @typedef {import('./texts.en.js').Sample} Sample */

/** @param {Sample} sample */
const onCpu = ({ sentences, cpu_ms }) =>
  `${whole.format(sentences)} 個句子，CPU 花了 ${duration(cpu_ms)}`;

/** @param {Sample} sample */
const onBoth = (sample) => {
  const gpu = sample.gpu_ms === undefined ? '要久得多' : `花了 ${duration(sample.gpu_ms)}`;
  return `${onCpu(sample)}，GPU ${gpu}。`;
};

/** @type {import('./texts.en.js').Texts} */
export const texts = {
  locale: 'zh-Hant',
  title: 'Pocketglot：在你的裝置上翻譯',
  pageLanguage: '網頁語言',
  languageMissing: (name) => `「${name}」載入失敗，裝置是不是離線了？`,
  theme: {
    system: '深淺色隨系統設定',
    light: '淺色主題',
    dark: '深色主題',
  },
  tagline: '翻譯，不離開你的裝置',
  clear: '清除',
  undoClear: '復原',
  copy: '複製',
  copied: '已複製',
  stop: '停止',
  cancel: '取消',
  samplesLabel: '也可以試試這幾句',
  updateReady: '網頁有新版本了。',
  updateAction: '重新載入',
  credit: '翻譯模型由 Mozilla 與 Bergamot 計畫製作，依 MPL-2.0 授權使用。',
  modelLicence: '模型授權條款',
  notices: '第三方授權聲明',

  translateFrom: '從哪種語言翻譯',
  translateInto: '翻譯成哪種語言',
  swap: (source, target) => `交換語言：改從${named(target)}翻成${named(source)}`,
  sourcePlaceholder: (language) => `輸入或貼上${named(language)}`,
  targetPlaceholder: (language) => `${named(language)}譯文會隨著你的輸入出現在這裡`,
  count: (words) => `${whole.format(words)} 個詞`,

  firstVisit: (pair, bytes) =>
    `${pair} 只需要下載一次${bytes === undefined ? '' : `，共 ${mb(bytes)} MB`}。之後會留在這個瀏覽器裡，離線也能用。`,
  download: '現在下載',
  preparing: (pair) => `正在準備 ${pair}…`,
  downloading: (pair, loaded, total) => {
    if (loaded === undefined) return `正在下載 ${pair}…`;
    const figures = total === undefined ? mb(loaded) : `${mb(loaded)} / ${mb(total)}`;
    return `正在下載 ${pair}：${figures} MB。下次就不必再下載了。`;
  },
  downloadLabel: '模型下載進度',
  cancelled: (loaded, total) =>
    loaded && total
      ? `下載已取消，停在 ${mb(loaded)} / ${mb(total)} MB。你的文字都還在。`
      : '下載已取消。你的文字都還在。',
  failed: (message) => `${inChinese(message)}你的文字都還在。`,
  retry: '再試一次',
  stopped: '翻譯已停止。你的文字都還在。',
  translate: '翻譯',
  notKept: '這個瀏覽器不讓網頁保存模型：現在可以使用，下次來訪要再下載一次。',
  unsupported: (what) =>
    `這個瀏覽器無法執行翻譯：它缺少 ${what}。新版的 Chrome、Edge、Firefox 或 Safari 都可以。`,

  workLabel: '翻譯進度',
  work: (done, total) => `${whole.format(done)} / ${whole.format(total)} 個詞`,

  onDevice: '在你的裝置上',
  cpu: (threads) => `CPU，${whole.format(threads)} 條執行緒`,
  gpu: (adapter) => (adapter ? `GPU（${adapter}）` : 'GPU'),
  private: '內容不會離開這個網頁',
  offline: '目前離線，照樣能用',
  offlineMissing: '目前離線，而這個翻譯方向還沒有下載。',
  duration,

  gpuLost: 'GPU 停止運作，已由 CPU 接手。什麼都沒有遺失。',
  dismiss: '知道了',
  message: inChinese,
  together: (first, second) => `${first}${second}`,

  computing: '由什麼來運算，為什麼',
  noGpu: (reason) => `由 CPU 翻譯。${inChinese(reason)}`,
  notMeasured: '由 CPU 翻譯。GPU 會不會比較快，等翻譯完、網頁閒下來時，會在這台裝置上實測。',
  faster: {
    short: {
      long: '在這台裝置上實測，GPU 比較快，所以由 GPU 翻譯。',
      notLong: '在這台裝置上實測，短文 GPU 比較快，長文 CPU 比較快。各用適合的來翻。',
    },
    notShort: {
      long: '在這台裝置上實測，短文 CPU 比較快，長文 GPU 比較快。各用適合的來翻。',
      notLong: '在這台裝置上實測，CPU 比 GPU 快，所以由 CPU 翻譯。',
    },
  },
  times: ({ short, long }) =>
    short.gpu_ms === undefined
      ? `${onBoth(short)}${onCpu(long)}；GPU 還沒輪到這些句子。`
      : `${onBoth(short)}${onBoth(long)}`,
  cpuWeights: 'CPU 用的模型',
  gpuWeights: 'GPU 上的模型',
  gpuMemory: 'GPU 記憶體合計',
  bytes: (bytes) => `${mb(bytes)} MB`,

  dialsLabel: '模型可以縮到多小？',
  reset: '回到原始模型',
  sizeLabel: '模型大小',
  precisionLabel: '精度',
  pruningLabel: '剪枝',
  methodLabel: '方法',
  qualityLabel: '品質',
  roundingLabel: '捨入方式',
  criterionLabel: '剪掉什麼',
  whereLabel: '剪哪裡',
  testSetLabel: '用你自己的句子評分（每行一對，以 Tab 分隔的檔案）',
  ourSet: '改用我們的',
  showOriginal: '原始譯文',
  openLaboratory: '打開實驗室',
  closeLaboratory: '關閉實驗室',
  laboratoryHint: '所有的方法、你試過的結果畫成的圖，還有可以帶走的模型。',
  guideLabel: '入門步驟',
  guideDismiss: '隱藏這些步驟',
  dropHere: '把要翻譯的文字檔或模型放到這裡。',
  guide: {
    steps: {
      turn: '調整精度或剪枝',
      compare: '看看哪些詞變了',
      laboratory: '打開實驗室',
      export: '帶走你的模型',
    },
    done: '已完成',
  },
  files: {
    unknown: (names) =>
      `無法使用 ${names}。這裡可以放文字檔（.txt）、句對檔（.tsv）、模型（.safetensors），或 Bergamot 模型的三個檔案。`,
    modelFailed: (reason) => `模型載入失敗，原來的內容都還在。${inChinese(reason)}`,
    modelReading: '正在讀取模型…',
    modelHere: (pair) => `現在由你的模型翻譯：${pair}。`,
    setFailed: (reason) => `句對檔讀取失敗。${inChinese(reason)}`,
    linkBroken: '讀不懂網址裡的配方，所以沒有套用。網頁照常可以使用。',
  },
  laboratory: {
    title: '實驗室',
    opening: '正在打開…',
    retry: '再試一次',
    unreachable: '實驗室載入失敗，裝置是不是離線了？',
    parts: {
      ready: '現成的模型',
      chart: '大小與品質',
      search: '搜尋配方',
      heal: '讓模型再學一次',
      map: '位元組都在哪裡',
      changed: '變化最大的句子',
      take: '帶走模型',
      files: '你自己的檔案',
    },
    waiting: {
      map: '執行一份配方，或調整精度或剪枝，這裡就會把模型拆開來給你看。',
      changed: '執行一份配方，或調整精度或剪枝；測試句評分完成後，結果會出現在這裡。',
    },
    take: {
      none: '請先執行一份配方，或調整精度或剪枝。縮小後的模型可以下載、放進你自己的網頁，也可以憑連結重新做出來。',
      rough: '目前只有粗略的版本，真正的結果還在製作。',
      of: (recipe) => `現在負責翻譯的模型：${recipe}。`,
      zipped: (bytes) => `下載模型${bytes === undefined ? '' : `（${mb(bytes)} MB）`}`,
      plain: (bytes) => `未經 gzip 壓縮${bytes === undefined ? '' : `（${mb(bytes)} MB）`}`,
      use: '要在你自己的網頁裡用它翻譯，請把這個檔案和套件資料夾都放在網頁旁邊，再把這幾行加進網頁：',
      linesLabel: '嵌入模型的程式碼',
      copyLines: '複製這幾行',
      copyLink: '複製這份配方的連結',
      linkNone: '沒有連結能重新做出這個模型：它學到的東西只在它的檔案裡。',
      link: '打開連結的人，會在自己的裝置上做出同一個模型。連結裡只有配方，以及模型和校準文字的指紋，沒有你的任何文字。',
    },
    files: {
      calibration: '校準用的文字，每行一句（.txt）',
      calibrationOurs:
        '目前使用我們寫的 200 個句子。換成和日後要翻譯的內容相近的文字，效果會更好，剪枝時尤其明顯。',
      calibrationNow: (name, lines) => `目前使用 ${name}，共 ${whole.format(lines)} 行。`,
      calibrationEmpty: '檔案裡沒有文字。',
      model: '作為起點的模型',
      modelNote:
        '可以是一個模型套件（.safetensors，也可以是 .gz），或 Firefox 使用的 Bergamot 模型檔案：模型、詞彙表、候選詞表，三個一起選。也可以直接拖放到網頁上的任何地方。',
    },
  },
  dials: {
    waiting: '調整精度或剪枝，看看模型變小以後，你的譯文會怎麼變。不過要先有模型。',
    rest: '調整精度或剪枝：模型會在你的裝置上當場變小，再把你的文字翻譯一次。',
    linkWaiting: (recipe) => `這個連結帶著一份配方：${recipe}。模型一到就開始。`,
    missing: {
      model: '做出這個連結的是另一個模型，和這裡的不一樣，所以結果可能不同。',
      calibration:
        '做出這個連結的校準文字不在這裡，我們用了另一份，所以結果可能不同。在實驗室裡選用同一份文字，結果就會相同。',
    },
    noText: '在上面寫點什麼，看看譯文會怎麼變。',
    byRecipe: (recipe) => `這份配方無法只用精度和剪枝來表示：${recipe}。`,
    downloaded: (name) => `這是事先做好的模型：${name}。調整精度或剪枝，會重新從原始模型開始。`,
    bits: (bits) => `${whole.format(bits)} 位元`,
    bitsNote: '和下載時一樣',
    sparsity: (share) => percent.format(share),
    rounding: {
      auto: '先給粗略的結果，再校準',
      nearest: '取最接近的值',
      mse: '讓平方誤差最小',
      gptq: 'GPTQ，每 64 個權重一組',
      coded: 'GPTQ，共用一套刻度，熵編碼',
    },
    pruning: {
      auto: '先剪最小的，再做補償（OBS）',
      magnitude: '最小的權重',
      wanda: '權重小，輸入也小的（Wanda）',
      obs: '由其他權重補償（OBS）',
    },
    where: { linear: '各層', all: '各層與嵌入矩陣' },
    methodNote:
      '需要校準的方法，會讓模型翻譯一些我們準備的文字，觀察進入每一層的數值。剪枝會讓檔案變小，但不會讓翻譯變快。',
    rounded: '每個權重改用較少的位元保存。對翻譯越重要的，捨入得越仔細。',
    roundedNearest: '每個權重改用較少的位元保存，捨入到這些位元能表示的最近的值。',
    pruned: '最不重要的權重會變成零。檔案因此變小，但翻譯不會變快。',
    larger: '權重下載時就是 8 位元：用更多位元只會讓模型變大，不會變好。',

    sizes: ({ wire_bytes, file_bytes, memory_bytes }, before) => {
      const wire = wire_bytes === undefined ? '…' : mb(wire_bytes);
      const than = before === undefined ? '' : `（原本 ${mb(before)} MB）`;
      return `下載 ${wire} MB${than} · 檔案 ${mb(file_bytes)} MB · 記憶體 ${mb(memory_bytes)} MB`;
    },
    originalSizes: ({ wire_bytes, file_bytes, memory_bytes }) =>
      `下載 ${mb(wire_bytes ?? 0)} MB · 檔案 ${mb(file_bytes)} MB · 記憶體 ${mb(memory_bytes)} MB`,
    download: (wire) => (wire === undefined ? '' : `下載 ${mb(wire)} MB`),

    score: ({ chrf, bleu, sentences, total, words_per_second }, original, set) => {
      const than = (/** @type {number} */ now, /** @type {number | undefined} */ then) =>
        then === undefined ? '' : `（${signed(now - then)}）`;
      const of = sentences < total ? `${whole.format(sentences)} / ${whole.format(total)}` : whole.format(total);
      const where = set === undefined ? `我們的 ${of} 句` : `${set} 的 ${of} 句`;
      const then = original?.words_per_second;
      const speed = words_per_second && then ? ` · 速度是原本的 ${twoDigits.format(words_per_second / then)} 倍` : '';
      return `chrF ${tenths.format(chrf)}${than(chrf, original?.chrf)} · BLEU ${tenths.format(bleu)}${than(bleu, original?.bleu)} · ${where}${speed}`;
    },
    noScore: '調整精度或剪枝之後，就會評分。',
    noSet: '這組語言我們沒有測試句，請在「方法」裡選擇你自己的檔案。',
    opening: '正在拆開模型…',
    searching: '實驗室正在搜尋配方…',
    compressing: (what, rough) => {
      const doing = rough ? '粗略的結果已經好了，正在校準' : '正在縮小模型';
      return what === undefined ? `${doing}…` : `${doing}：${what}`;
    },
    calibration: '翻譯校準文字',
    gzip: '打包檔案',
    measuring: '正在量檔案的大小…',
    scoringOriginal: '正在替原始模型評分，好做比較…',
    scoring: '正在評分…',
    stopped: '已停止。做好的都還在。',
    away: '這個瀏覽器裡沒有那個較小的模型。',
    scoreAgain: '評分',
    makeAgain: '開始製作',
    retry: '再試一次',
    failed: (message) => `這次沒有做成，你的文字和原始模型都還在。${inChinese(message)}`,

    rough: '粗略',
    shown: (recipe, rough) => (rough ? `${recipe}（粗略）` : recipe),
    originalShown: '原始模型',
    otherWords: (other) => (other === '' ? '原始譯文裡沒有' : `原始譯文：${other}`),
    changes: (changed, total) =>
      changed === 0
        ? `哪裡變了：沒有，${whole.format(total)} 個詞都和原本一樣`
        : `哪裡變了：${whole.format(total)} 個詞當中的 ${whole.format(changed)} 個`,
    changesNone: '哪裡變了',
    original: '原始',
    smaller: '縮小後',
    nothing: '（無）',

    verdict: {
      same: '幾乎看不出差別，和原始模型差不多好。',
      little: '品質掉了一點。看看哪些詞變了。',
      forgets: (word) => (word ? `模型開始忘詞了，例如「${word}」。` : '模型開始忘詞了。'),
      collapses: '模型垮掉了，已經無法翻譯。',
      calibrate: '這時候，會觀察每一層輸入的方法比較撐得住。',
      calibrateAction: '改用這種方法',
      retrain: '壓到這麼小，不重新訓練的方法都撐不住。退回一格就可以了。',
      roughCollapse: '這還是粗略的結果。校準過的比較撐得住，正在製作。',
    },
    announceMade: (recipe) => `現在由縮小後的模型翻譯：${recipe}。`,
    announceScore: (chrf, by) => `評分完成：chrF ${tenths.format(chrf)}，和原始模型相比 ${signed(by)}。`,

    testSet: (name, pairs) => `${name}：${whole.format(pairs)} 對。`,
    ourTestSet: (pairs) => `我們寫的 ${whole.format(pairs)} 對。`,
    testSetErrors: {
      empty: '檔案裡沒有句對。',
      columns: '檔案只有一欄。需要兩欄，以 Tab 分隔：原文和譯文。',
      line: (line) => `檔案的第 ${whole.format(line)} 行缺少原文或譯文。`,
    },
  },

  healed: {
    kinds: { small: '小巧', tiny: '迷你', sparse: '剪枝', narrow: '窄版' },
    downloaded: (kind) => `${kind}，再學過，現成下載`,
    name: (recipe, steps) => `${recipe}，再學 ${whole.format(steps)} 步`,
    gone: (recipe, steps) =>
      `${recipe}，重新載入前再學過 ${whole.format(steps)} 步：檔案已經不在，只能照配方重新製作`,
  },

  readyMade: {
    about:
      '這些模型壓縮以後，又跟著原始模型再學過，花的時間比你願意在這裡等的還久。所以只要下載，不必計算。檔案會用 SHA-256 檢查，並保留在這個瀏覽器裡。',
    title: (kind, bytes) => `${kind}，再學過：${megabytes2.format(bytes / 1e6)} MB`,
    how: {
      healed: (recipe, training) => `先壓縮（${recipe}），再跟著原始模型學了${training}。`,
      pruned: (recipe, training) => `跟著原始模型學了${training}，一邊學一邊逐步剪枝。一次剪完的話是：${recipe}。`,
      distilled: (recipe, training) => `形狀不同的學生模型（${recipe}），跟著原始模型學了${training}。`,
    },
    training: (steps, seconds) => {
      const length = ` ${whole.format(steps)} 步`;
      if (seconds === undefined) return length;
      return `${length}，花了 ${seconds < 90 ? duration(seconds * 1000) : `${whole.format(Math.round(seconds / 60))} 分鐘`}`;
    },
    larger: '下載比原始模型還大。',
    noModel: '要先有原始模型才能比較：請在上面翻譯一段文字。',
    download: '下載並使用',
    use: '使用',
    stop: '停止',
    retry: '再試一次',
    current: '正在負責翻譯',
    action: (action, title) => `${action}（${title}）`,
    progressLabel: '下載較小的模型',
    progress: (loaded, total) => (total === undefined ? `${mb(loaded)} MB` : `${mb(loaded)} / ${mb(total)} MB`),
    failed: (reason) => `${reason}先前的模型繼續翻譯，你的文字也沒有遺失。`,
    unlisted: '無法得知有哪些現成的模型，裝置是不是離線了？',
  },

  heal: {
    about:
      '壓縮讓模型失去的，訓練可以找回一部分：縮小後的模型學著說出和原版相同的譯文，學習時每個權重都是檔案裡會有的樣子，大小幾乎不變。',
    minutesLabel: '學習時間（分鐘）',
    minutes: (minutes) => `${whole.format(minutes)} 分鐘`,
    text: '學習用的文字，用原文的語言，每行一句（.txt）',
    textOurs:
      '目前使用我們寫的 2,092 個句子。換成幾千行和日後要翻譯的內容相近的文字，效果會更好。其中一部分會保留起來，用來評分。',
    textNow: (name, lines) => `目前使用 ${name}，共 ${whole.format(lines)} 行。`,
    unreadable: (name) => `讀不到 ${name}，檔案是不是移動或修改過了？先前選擇的仍然保留。`,
    cost: '訓練就在你的裝置上進行，使用一個核心，大約需要 0.7 GB 的記憶體。第一次使用時會下載 0.9 MB 的模組。你選的內容不會離開這個網頁。',
    start: '開始學習',
    noModel: '請先執行一份配方，或調整精度或剪枝：要學習的是縮小後的模型。',
    progressLabel: '訓練時間',
    pause: '暫停',
    resume: '繼續',
    stop: '停止並保留最好的',
    discard: '放棄',
    phases: {
      preparing: (name) => `${name}：正在準備，並為目前的模型評分…`,
      learning: (name) => `${name}：學習中…`,
      judging: (name) => `${name}：正在用保留的句子評分…`,
      paused: (name) => `${name}：已暫停。什麼都沒有遺失，可以從這裡繼續。`,
      stopping: (name) => `${name}：正在完成這一步，並再評一次分…`,
    },
    figures: ({ done, step, loss, judgement }) =>
      [
        `時間已過 ${wholePercent.format(done)}`,
        `${whole.format(step)} 步`,
        ...(loss === undefined ? [] : [`損失 ${decimal.format(loss)}`]),
        ...(judgement
          ? [`保留句子的 chrF ${tenths.format(judgement.chrf)}，起初 ${tenths.format(judgement.first)}`]
          : []),
      ].join(' · '),
    loss: { title: '損失：離原版的譯文還有多遠', value: (loss) => decimal.format(loss) },
    chrf: { title: '保留的句子和原版相比的 chrF', value: (chrf) => tenths.format(chrf) },
    lossLabel: (first, last) => `損失隨時間的變化：起初 ${decimal.format(first)}，現在 ${decimal.format(last)}。`,
    chrfLabel: (first, last) =>
      `保留句子的 chrF 隨時間的變化：起初 ${tenths.format(first)}，現在 ${tenths.format(last)}。`,
    begun: '模型開始學習。',
    paused: '訓練已暫停。',
    judged: ({ chrf, first }) => `評分完成：chrF ${tenths.format(chrf)}，和起初相比 ${signed(chrf - first)}。`,
    outcomes: {
      better: (steps, before, after) =>
        `學會了：經過 ${whole.format(steps)} 步，保留句子的 chrF 從 ${tenths.format(before)} 升到 ${tenths.format(after)}。學過的模型已在圖上，負責翻譯時也可以在下方下載。再學一次，就會從它繼續。`,
      same: (steps) =>
        `經過 ${whole.format(steps)} 步，它在保留的句子上沒有比先前好，模型維持原樣。多學幾分鐘，或用更多文字，也許會有幫助。`,
      discarded: () => '已放棄，模型維持原樣。',
    },
    brokenKept: (reason, steps, before, after) =>
      `${reason}${whole.format(steps)} 步之中最好的模型保留了下來：保留句子的 chrF 為 ${tenths.format(after)}，起初 ${tenths.format(before)}。它已在圖上，你的文字沒有遺失。`,
    broken: (reason) =>
      `${reason}模型維持原樣，你的文字也沒有遺失。如果是記憶體不足，請關閉其他分頁或程式後再試一次。`,
    use: '用學過的模型翻譯',
  },

  chart: {
    label: (points) =>
      `${whole.format(points)} 個模型的下載大小與翻譯品質。用方向鍵逐一移動，按 Enter 載入。`,
    empty: '還沒有東西可以比較。你做出來並評過分的模型都會出現在這裡：下載越小越靠左，分數越高越靠上。',
    across: '下載大小，MB',
    up: '品質，chrF',
    tick: (value) => rounded.format(value),
    reference: (chrf) => `原始模型 ${tenths.format(chrf)}`,
    best: '沒有別的模型更小又更好',
    other: '有別的模型更小也更好',
    unfinished: '還在評分',
    waiting: (count) => `還有 ${whole.format(count)} 個模型在等下載大小或分數。`,
    elsewhere: (count) => `有 ${whole.format(count)} 個模型是用別的句子評分的，所以只列在表格裡。`,
    below: (count) =>
      count === 1
        ? '最下面的三角形其實還要更低：它掉了超過 10 分。'
        : `最下面的 ${whole.format(count)} 個三角形其實還要更低：它們掉了超過 10 分。`,
    point: (lines) => lines.join('，'),
    size: (bytes) => `下載 ${mb(bytes)} MB`,
    chrf: (chrf, points) =>
      points === undefined
        ? `chrF ${tenths.format(chrf)}`
        : `chrF ${tenths.format(chrf)}（${signed(points)}）`,
    bleu: (bleu) => `BLEU ${tenths.format(bleu)}`,
    soFar: (sentences, total) => `${whole.format(sentences)} / ${whole.format(total)} 句`,
    seconds: (seconds) => `製作花了 ${duration(seconds * 1000)}`,
    saveSvg: '存成 SVG',
    saveCsv: '存成 CSV',
    pictureTitle: (pair) => `用 Pocketglot 製作的 ${pair} 模型：大小與品質`,
    table: '全部列成表格',
    columns: {
      label: '配方',
      size: 'MB',
      chrf: 'chrF',
      difference: '差距',
      bleu: 'BLEU',
      set: '評分用的句子',
      seconds: '製作時間',
    },
    cellNone: '–',
    cellSize: (bytes) => (bytes === undefined ? '…' : mb(bytes)),
    cellScore: (score) => (score === undefined ? '–' : tenths.format(score)),
    cellDifference: (points) => (points === undefined ? '–' : signed(points)),
    cellSeconds: (seconds) => (seconds === undefined ? '–' : duration(seconds * 1000)),
    cellSet: (pair, set) => `${pair}，${set}`,
  },

  search: {
    about:
      '找出模型的哪些部分需要位元、哪些不需要，再一代代培育配方，讓你指定的大小以內，每種大小都損失最少。候選配方和原模型差多遠，是用我們準備的文字（或你的校準文字）量出來的。',
    budget: '下載大小上限（MB）',
    budgetHelp: (bytes) =>
      bytes === undefined
        ? '會找這個大小的四分之三以上、不超過它的配方。'
        : `目前的模型是 ${mb(bytes)} MB。會找這個大小的四分之三以上、不超過它的配方。`,
    budgetWrong: '請填寫使用者最多要下載多少 MB，例如 7.5。',
    evaluations: '找得多仔細',
    evaluationsHelp: '最少的要幾分鐘，最多的可能要一小時，隨時都可以停止。',
    count: (count) => `${whole.format(count)} 個候選`,
    structure: '網路的結構也可以改',
    structureHelp: '可以拿掉一些層、神經元和詞彙。大約要兩到四倍的時間，也更耗記憶體；不勾選就只找位元數。',
    noModel: '要先有模型：請先在上面翻譯點什麼。',
    start: '開始搜尋',
    stop: '停止，保留找到的',
    running: '搜尋進度',
    preparing: '模型正在翻譯一些文字，作為比較的依據…',
    choices: (done, all) => `正在測量各部分的需要：${whole.format(done)} / ${whole.format(all)}。`,
    candidates: (done, all) => `正在測量候選：${whole.format(done)} / ${whole.format(all)}。`,
    left: (seconds) => (seconds < 50 ? '剩不到一分鐘。' : `大約還要 ${whole.format(Math.round(seconds / 60))} 分鐘。`),
    failed: (message) => `搜尋失敗。${inChinese(message)}`,
    started: '搜尋開始了。',
    ended: (points, front) => `搜尋結束：共有 ${whole.format(points)} 個候選，其中 ${whole.format(front)} 個在同樣大小中最好。`,
    label: (points, front) =>
      `${whole.format(points)} 個候選的下載大小，以及和原模型的距離；其中 ${whole.format(front)} 個連成一線，沒有別的比它們更小又更接近。下方的表格也列出這些候選。`,
    empty: '候選一測量完，就會出現在這裡。',
    waiting: '知道各部分的需要之後，第一個候選就會出現在這裡。',
    up: '距離（每個詞元的奈特數），越小越好',
    budgetLine: '你的上限',
    nats: (value) => nats.format(value),
    note:
      '距離指的是兩個模型對下一個詞元的預期相差多少（KL 散度），用的是製作候選時沒有看過的文字。它不是 chrF：試用配方時才會測量 chrF，結果會出現在大小與品質的圖上。',
    front: '每種大小最好的配方',
    frontAbout: (whole) =>
      `${whole ? '' : '搜尋沒有進行到最後，以下是已經找到的。'}試用之前，大小的誤差約為千分之一；試用之後，旁邊會列出配方實際的結果。`,
    frontEmpty: '還沒有候選落在你的上限的四分之三以上、上限以內。',
    size: (bytes) => `${megabytes2.format(bytes / 1e6)} MB`,
    try: '試用',
    tryThis: (size) => `試用：${size}`,
    beingMade: '製作中',
    columns: { size: '大約', divergence: '距離', measured: '實際結果', action: '試用' },
  },

  map: {
    label: '模型的各個矩陣，從輸入到輸出。用方向鍵逐一移動。',
    measureLabel: '顏色代表',
    measures: {
      bits: '每個權重的位元數',
      error: '相對誤差',
      zeros: '新增的零',
    },
    explain: {
      bits: '平均來說，一個權重在檔案裡占多少位元。',
      error: '權重和原始值差了多少，相對於權重本身的大小。',
      zeros: '有多少比例的權重變成了零。',
    },
    needsReport: '誤差和零都是和原始模型比較出來的，執行一份配方之後才會有。',
    bitsRange: (from, to) =>
      from === undefined
        ? `${rounded.format(to ?? 0)} 以下`
        : to === undefined
          ? `超過 ${rounded.format(from)}`
          : `到 ${rounded.format(to)}`,
    shareRange: (from, to) =>
      from === undefined ? '沒有' : to === undefined ? `超過 ${share(from)}` : `到 ${share(to)}`,
    unknown: '沒有數字',
    stacks: {
      input: '輸入',
      encoder: '編碼器',
      decoder: '解碼器',
      output: '輸出',
      files: '文字',
    },
    layer: (stack, number) =>
      `${stack === 'encoder' ? '編碼器' : '解碼器'}第 ${whole.format(number)} 層`,
    dropped: '已拿掉',
    blocks: {
      attention: '注意力',
      cross: '交叉注意力',
      ssru: '遞迴',
      ffn: '前饋',
      vectors: '向量',
    },
    heads: {
      q: 'q',
      k: 'k',
      v: 'v',
      o: 'o',
      w1: '入',
      w2: '出',
      candidate: 'c',
      forget: 'f',
      vectors: 'b',
    },
    roles: {
      q: '查詢',
      k: '鍵',
      v: '值',
      o: '輸出',
      w1: '第一個矩陣',
      w2: '第二個矩陣',
      candidate: '候選值',
      forget: '遺忘閘',
      vectors: '偏權值與正規化',
    },
    wholes: {
      embedding: '嵌入矩陣',
      output: '輸出的偏權值',
      screening: '篩選',
      vocabulary: '詞彙表',
      shortlist: '候選詞表',
    },
    part: (block, role) => `${block}，${role}`,
    name: (place, part) => `${place}：${part}`,
    cell: (name, value) => `${name}，${value}`,
    values: {
      bits: (bits) => `${rounded.format(bits)} 位元，每個權重平均`,
      error: (error) => `${share(error)} 的相對誤差`,
      zeros: (zeros) => `${share(zeros)} 變成零`,
    },
    short: {
      bits: (bits) => rounded.format(bits),
      error: (error) => share(error),
      zeros: (zeros) => share(zeros),
    },
    bytes: (bytes) => (bytes < 1e5 ? `${rounded.format(bytes / 1e3)} kB` : `${mb(bytes)} MB`),
    choose: '選一格，看看裡面有什麼。',
    details: '詳細資料',
    shown: (name) => `已顯示「${name}」的詳細資料。`,
    packageName: '檔案裡的名稱',
    nameBefore: '原始模型裡的名稱',
    shape: '形狀',
    sizes: (sizes) => sizes.map((size) => whole.format(size)).join(' × '),
    weights: '權重數',
    count: (count) => whole.format(count),
    codec: '保存方式',
    size: '大小',
    change: (before, after) => `原本 ${before}，現在 ${after}`,
    codecs: {
      f32: () => '32 位元浮點數',
      f16: () => '16 位元浮點數',
      int8: () => '8 位元的碼，共用一個縮放係數',
      int: ({ bits }) => `${rounded.format(Number(bits))} 位元的碼，附縮放係數`,
      entropy: () => '越常見就越短的碼',
      sparse: () => '每個權重一個位元，再加上不是零的權重',
      codebook: ({ dimension }) => `每 ${whole.format(Number(dimension))} 個權重一個碼`,
      low_rank: ({ rank }) => `兩個細長的矩陣，秩為 ${whole.format(Number(rank))}`,
      file: () => '一個檔案',
    },
    distortion: '哪裡變了',
    errorSentence: (error) =>
      error === 0
        ? '權重和原本一樣。'
        : `相對誤差 ${share(error)}：改變的幅度和權重本身相比，有這麼大。`,
    noiseSentence: (db) =>
      `訊噪比 ${rounded.format(db)} dB：同樣的誤差，換成衡量聲音的單位。每多 6 dB，誤差就減半。`,
    exactSentence: (exact, weights) =>
      exact === 0
        ? '沒有一個權重和原本完全相同。'
        : `${whole.format(weights)} 個權重當中，有 ${whole.format(exact)} 個和原本完全相同。`,
    zerosSentence: (flushed, weights) =>
      flushed === 0
        ? '沒有權重變成零。'
        : `有 ${whole.format(flushed)} 個權重變成了零（${share(flushed / weights)}）。`,
    flipsSentence: (flips) =>
      flips === 0
        ? '沒有權重改變正負號。'
        : `有 ${whole.format(flips)} 個權重改變了正負號，現在往反方向拉。`,
    reshaped: '形狀和原本不同，所以無法逐一比較權重。',
    nothingToCompare: '這個模型是原樣打開的，沒有別的可以比較。',
    vectorsSentence: '偏權值與正規化的數量很少，所以合在一格裡。',
    besideSentences: {
      output: '詞彙表裡的每個子詞都有一個數字。',
      screening: '用兩個小矩陣挑出一些子詞，再為它們精確計算分數。',
    },
    fileSentence: '這不是矩陣。它隨模型一起來，也算在下載大小裡。',
    histogram: '權重的分布',
    histogramLoading: '正在統計權重…',
    histogramFailed: (message) => `權重的分布算不出來。${inChinese(message)}`,
    retry: '再試一次',
    histogramLabel: (min, max, most) =>
      `從 ${value(min)} 到 ${value(max)} 的長條圖；最高的一條代表 ${whole.format(most)} 個權重。`,
    weight: (weight) => value(weight),
    histogramZeros: (zeros, weights) =>
      zeros === 0
        ? '沒有權重恰好是零。'
        : `${whole.format(weights)} 個權重當中，有 ${whole.format(zeros)} 個恰好是零（${share(zeros / weights)}），沒有畫進長條裡。`,
  },

  changed: {
    none: '縮小後的模型翻譯過測試句之後，變化最大的句子會出現在這裡。',
    summary: (changed, total) =>
      changed === 0
        ? `${whole.format(total)} 個句子都沒有變。`
        : `${whole.format(total)} 個句子當中有 ${whole.format(changed)} 個變了，變化最大的排在前面。`,
    words: (changed, total) =>
      changed > total
        ? `變了 ${whole.format(changed)} 個詞`
        : `${whole.format(total)} 個詞當中變了 ${whole.format(changed)} 個`,
    source: '原文',
    reference: '參考譯文',
    original: '原始模型',
    compressed: '縮小後',
    empty: '沒有譯文',
    more: (next, left) =>
      next === left
        ? `顯示最後 ${whole.format(next)} 句`
        : `再顯示 ${whole.format(next)} 句（還剩 ${whole.format(left)} 句）`,
  },

  announceDownload: '正在下載翻譯模型。',
  announceReady: '翻譯已經準備好了。',
  announceTranslated: '譯文已更新。',
  announceCleared: '文字已清除，按「復原」可以找回來。',

  recipe: {
    title: '配方',
    undo: '復原',
    undone: '已復原上一次的變更。',
    preset: '從這份配方開始',
    ownRecipe: '自己的配方',
    ownAbout: '步驟可以隨意修改，也可以換一份現成的配方重新開始。',
    presets: {
      half: {
        name: '半精度浮點數',
        about: '每個權重 16 位元：比 8 位元的原始模型大，也沒有更好，供比較用。',
      },
      int8: {
        name: '8 位元',
        about: '每列一個縮放係數。和 8 位元的原始模型相比，沒有損失，也沒有好處。',
      },
      int6: {
        name: '6 位元',
        about: '每 64 個權重一組，縮放係數選平方誤差最小的。幾乎沒有詞會變。',
      },
      int5: {
        name: '5 位元',
        about: '再小一點，在我們的測試裡 chrF 只掉不到 1 分。',
      },
      int4: {
        name: '4 位元',
        about: '捨入時不看任何文字：很快，但有些詞開始變了。',
      },
      'int4-gptq': {
        name: '4 位元，GPTQ',
        about: '和 4 位元一樣小，但捨入時會彌補自己造成的誤差。',
      },
      small: {
        name: '小型',
        about: '平均 4 位元，不帶候選詞表：約 9 MB，在我們的測試裡 chrF 只掉不到 1 分。',
      },
      tiny: {
        name: '迷你',
        about:
          '平均 3.3 位元，不帶候選詞表：約 7.5 MB，下載量減半，在我們的測試裡 chrF 掉 1.7 到 2.7 分。',
      },
      'sparse-20': {
        name: '剪枝 20%',
        about: '最小的五分之一權重變成零。速度不變。',
      },
      'sparse-40': {
        name: '剪枝 40%，OBS',
        about: '拿掉五分之二的權重，由其餘的彌補。速度不變，但有些詞會變。',
      },
    },
    presetChosen: (name) => `步驟已換成「${name}」。按「復原」可以找回你原來的步驟。`,
    loaded: '步驟已換成剛才打開的配方。按「復原」可以找回你原來的步驟。',
    empty: '沒有步驟：模型會維持原樣。請加入一個步驟，或從現成的配方開始。',
    steps: '依序執行的步驟',
    step: (number, method) => `步驟 ${whole.format(number)}：${method}`,
    drag: '拖曳到別的位置',
    up: (number, method) => `把步驟 ${whole.format(number)} 往上移：${method}`,
    down: (number, method) => `把步驟 ${whole.format(number)} 往下移：${method}`,
    duplicate: (number, method) => `再製步驟 ${whole.format(number)}：${method}`,
    remove: (number, method) => `移除步驟 ${whole.format(number)}：${method}`,
    moved: (method, number, count) =>
      `「${method}」現在是步驟 ${whole.format(number)}，共 ${whole.format(count)} 個步驟。`,
    added: (method, number, count) =>
      `已加入「${method}」，作為步驟 ${whole.format(number)}，共 ${whole.format(count)} 個步驟。`,
    removed: (method) => `已移除「${method}」。按「復原」可以找回來。`,
    add: '加入步驟',
    about: '這個方法做什麼',
    paper: '閱讀論文',
    papers: '閱讀這些論文',
    // Papers are named in English.
    citation: (authors, year, title) => `${authors}, ${year}: ${title}`,
    newTab: '（在新分頁開啟）',
    calibrated: '會先看一些文字，要花幾秒鐘。',
    exceptions: (count) => `有 ${whole.format(count)} 組矩陣另有自己的位元數，請看配方的文字。`,
    unknown: (method) =>
      `這個網頁不認得「${method}」這種方法。請移除這個步驟，或在下面的文字裡更正名稱。`,
    target: '套用到',
    targets: {
      all: { label: '所有矩陣', help: '嵌入矩陣和每一層。' },
      embedding: { label: '嵌入矩陣', help: '子詞（字詞的片段）的對照表，占了模型的一半。' },
      linear: { label: '所有的層', help: '嵌入矩陣以外的全部。' },
      attention: { label: '注意力', help: '詞與詞在這裡互相參照。' },
      ffn: { label: '前饋層', help: '每個詞在這裡各自斟酌。' },
      vectors: { label: '偏權值與正規化', help: '所有不是矩陣的部分，存成半精度浮點數。' },
      pattern: { label: '依名稱選擇矩陣', help: '' },
    },
    pattern: '名稱',
    patternHelp:
      '* 代表任意幾個字元，? 代表一個字元：encoder.?.ffn.* 就是編碼器的所有前饋矩陣。',
    patternMissing: '請填寫名稱，或含有 * 或 ? 的名稱樣式。',
    range: (least, most, wholes) => {
      const kind = wholes ? '整數' : '數字';
      return most > 1e6
        ? `請填 ${whole.format(least)} 以上的${kind}。`
        : `請填 ${decimal.format(least)} 到 ${decimal.format(most)} 的${kind}。`;
    },
    layersWrong: '請填層的編號，從 0 數起，以半形逗號分隔，不要重複，例如 1, 3。',
    percent: (value) => percent.format(value),
    on: '是',
    text: '文字形式的配方',
    json: 'JSON',
    jsonHelp: '這段文字可以編輯。按「採用這段文字」，就會放進上面的步驟。',
    apply: '採用這段文字',
    discard: '放棄我的修改',
    applied: '步驟已換成這段文字的內容。按「復原」可以找回先前的步驟。',
    notJson: (reason) => `這不是 JSON：${reason}`,
    noNull: '配方裡不能有 null，也不能有無限大的數。',
    noSteps: '配方長這樣：{ "step": [ … ] }，裡面是一份步驟清單，沒有別的。',
    noMethod: (number) => `步驟 ${whole.format(number)} 沒有 "method"，或者它不是文字。`,
    badMethod: (number, method, known) =>
      `步驟 ${whole.format(number)}：沒有「${method}」這種方法。可以用的有 ${known.join('、')}。`,
    toml: 'TOML，供命令列使用',
    run: '執行這份配方',
    cancel: '取消',
    correct: '請先更正標出來的地方。',
    running: '配方的執行進度',
    started: '配方開始執行。',
    ended: '配方執行結束。',
    working: '正在開始…',
    calibration: '正在翻譯校準文字',
    gzip: '正在打包檔案，好知道下載大小',
    matrix: (matrix) => `正在處理 ${matrix}`,

    original: '原始模型',
    short: {
      aimed: (what, target) => `${what}（${target}）`,
      bits: (bits, rounding) => {
        const size =
          bits === 32
            ? '單精度浮點數'
            : bits === 16
              ? '半精度浮點數'
              : `${decimal.format(bits)} 位元`;
        return rounding === 'gptq' ? `${size}，GPTQ` : size;
      },
      vectors: '正規化用半精度',
      pruned: (share, criterion) => {
        const amount = share === undefined ? '每 4 個剪 2 個' : `剪枝 ${percent.format(share)}`;
        return criterion === 'wanda'
          ? `${amount}，Wanda`
          : criterion === 'magnitude'
            ? amount
            : `${amount}，${criterion.toUpperCase()}`;
      },
      neurons: (share) => `神經元少 ${percent.format(share)}`,
      heads: (count) => `每層少 ${whole.format(count)} 個注意力頭`,
      headsShare: (share) => `注意力頭少 ${percent.format(share)}`,
      encoder: (count) => `編碼器少 ${whole.format(count)} 層`,
      decoder: (count) => `解碼器少 ${whole.format(count)} 層`,
      rank: (rank) => `秩 ${whole.format(rank)}`,
      energy: (share) => `低秩，${percent.format(share)} 的能量`,
      size: (share) => `低秩，${percent.format(share)} 的位元組`,
      codebook: (dimension) => `碼本，每碼 ${whole.format(dimension)} 個權重`,
      trim: (keep) => `${whole.format(keep)} 個子詞`,
      screen: '不帶候選詞表',
    },
  },

  methods: {
    quantize: {
      name: '減少位元',
      does: '這就是量化：把每個權重捨入成少數幾個值之一，只占 2 到 8 位元。',
      gives:
        '每少一個位元，下載就更小：在我們的測試裡，5 位元讓 chrF 掉不到 1 分，3 位元則掉好幾分。每列一個縮放係數，或者用短碼保存，都能維持快速的 8 位元乘法；分組的權重要先展開成浮點數，就沒有這種速度了。',
      fields: {
        bits: {
          label: '每個權重的位元數',
          options: {
            2: { label: '2 位元', help: '只有四個值。大多數模型到這裡就忘了怎麼說話。' },
            3: { label: '3 位元', help: '八個值。詞開始走樣。' },
            4: { label: '4 位元', help: '16 個值。大小是 8 位元原始模型的一半。' },
            5: { label: '5 位元', help: '32 個值。' },
            6: { label: '6 位元', help: '64 個值。幾乎沒有詞會變。' },
            7: { label: '7 位元', help: '128 個值。' },
            8: { label: '8 位元', help: '和模型下載時差不多。' },
            16: {
              label: '16 位元，半精度浮點數',
              help: '比 8 位元的原始模型大，也沒有更好。',
            },
            32: {
              label: '32 位元，單精度浮點數',
              help: '大小是 8 位元原始模型的四倍，也沒有更好。',
            },
          },
        },
        average: {
          label: '平均每個權重的位元數',
          help: '1 到 7，可以有小數，例如 3.28。',
        },
        storage: {
          label: '縮放係數',
          options: {
            groups: {
              label: '每組權重一個',
              help: '最貼近權重的大小。運算時要展開成浮點數。',
            },
            row: {
              label: '每列一個',
              help: '乘法維持 8 位元整數，快上好幾倍。',
            },
            entropy: {
              label: '共用一套刻度，常見的值用短碼',
              help: '同樣的位元組，損失最少；乘法也維持 8 位元整數。',
            },
          },
        },
        group_size: {
          label: '每組的權重數',
          help: '越少越精確，但縮放係數會占掉更多位元組。',
        },
        rounding: {
          label: '捨入方式',
          options: {
            nearest: {
              label: '取最接近的值',
              help: '很快。縮放係數由最大的權重決定。',
            },
            mse: {
              label: '取最接近的值，縮放係數選最好的',
              help: '選平方誤差最小的縮放係數，最大的權重可能因此被截短。',
            },
            gptq: {
              label: 'GPTQ',
              help: '每一直行都會彌補前面各行的誤差。需要看文字。',
            },
          },
        },
      },
    },
    prune: {
      name: '減少權重',
      does: '這就是剪枝：最不重要的權重變成零。',
      gives:
        '零很容易壓縮，所以下載變小，速度不變。在我們的測試裡，剪掉 30% 時，OBS 讓 chrF 掉 0.8 分；只剪最小的權重，會掉 7 分以上。',
      fields: {
        criterion: {
          label: '剪掉哪些權重',
          options: {
            magnitude: { label: '最小的', help: '很快，不看文字。' },
            wanda: {
              label: 'Wanda：權重小，輸入也小的',
              help: '權重有多重要，要連同它所乘的輸入一起算，每列各自比較。',
            },
            obd: {
              label: 'OBD：單獨來看，誤差最小的',
              help: '和 Wanda 類似，但比較的範圍不只同一列。',
            },
            obs: {
              label: 'OBS：誤差最小，由其他權重彌補',
              help: '留下來的權重會彌補剪掉的。',
            },
          },
        },
        amount: {
          label: '剪掉多少',
          options: {
            sparsity: { label: '一定的比例' },
            pattern: {
              label: '每四個相鄰的剪掉兩個',
              help: '有些硬體喜歡這種規律的排列；權重剪掉一半。',
            },
          },
        },
        sparsity: { label: '剪掉的比例' },
        scope: {
          label: '和誰比較',
          options: {
            blind: { label: '所有的權重', help: '有些矩陣會剪得比較多。' },
            uniform: { label: '同一個矩陣的權重', help: '每個矩陣剪掉同樣的比例。' },
            distribution: {
              label: '所有的權重，依各矩陣的分布',
              help: '在自己的矩陣裡算小的，才算小。',
            },
          },
        },
        coding: {
          label: '在檔案裡',
          options: {
            dense: { label: '連同零一起存', help: 'gzip 會壓縮這些零。' },
            sparse: {
              label: '不存零',
              help: '每個權重用一個位元標明是不是零。剪枝過的 8 位元權重，這樣存更小。',
            },
          },
        },
      },
    },
    prune_neurons: {
      name: '減少神經元',
      does: '拿掉前饋層裡一個個完整的神經元，連同它們在一個矩陣裡的那一列，和下一個矩陣裡的那一行。',
      gives:
        '模型變小，要做的乘法也變少。但模型沒有為此訓練過：在我們的測試裡，拿掉八分之一，chrF 掉 0.7 分；再多拿，很快就掉得更多。',
      fields: {
        share: { label: '每層拿掉的比例' },
        criterion: {
          label: '拿掉哪些神經元',
          options: {
            magnitude: { label: '權重最小的', help: '不看文字。' },
            activation: {
              label: '少了影響最小的',
              help: '看看沒有它們，這一層會輸出什麼。',
            },
            merge: {
              label: '和別的最相像的',
              help: '兩個的輸出，之後都由另一個負責。不看文字。',
            },
            correlation: {
              label: '看另一個就能知道的',
              help: '輸出總是一起變動的，就是同一個神經元的工作。',
            },
          },
        },
        refit: {
          label: '讓其餘的彌補',
          help: '用最小平方法，以校準文字計算。',
        },
      },
    },
    prune_heads: {
      name: '減少注意力頭',
      does: '拿掉一個個完整的注意力頭，連同它們在四個矩陣裡的部分。',
      gives:
        '模型變小，要做的乘法也變少。在我們的測試裡，八個頭拿掉一個，chrF 掉 0.5 分，拿掉兩個，掉 2 分。',
      fields: {
        amount: {
          label: '拿掉多少',
          options: {
            heads: { label: '每層固定的個數' },
            share: { label: '每層一定的比例' },
          },
        },
        heads: { label: '拿掉的個數' },
        share: { label: '拿掉的比例' },
        criterion: {
          label: '拿掉哪些注意力頭',
          options: {
            magnitude: { label: '權重最小的', help: '不看文字。' },
            activation: {
              label: '貢獻最少的',
              help: '用校準文字實測。',
            },
          },
        },
        refit: {
          label: '讓其餘的彌補',
          help: '用最小平方法，以校準文字計算。',
        },
      },
    },
    drop_layers: {
      name: '減少層數',
      does: '把整層拿掉，後面的層往前遞補。',
      gives:
        '每拿掉一層，它的位元組和乘法都跟著省下來。不過這是一把粗刀：在我們的測試裡，就算拿掉代價最小的編碼器層，chrF 也掉了 8 分。',
      fields: {
        encoder_how: {
          label: '編碼器',
          options: {
            none: { label: '保留所有的層' },
            count: {
              label: '拿掉代價最小的',
              help: '一次一層，每次都選拿掉後譯文變化最小的那一層。',
            },
            list: { label: '拿掉指定的層' },
          },
        },
        encoder: { label: '編碼器拿掉幾層' },
        encoder_list: {
          label: '編碼器的哪幾層',
          help: '從 0 數起，以半形逗號分隔，例如 1, 3。',
        },
        decoder_how: {
          label: '解碼器',
          options: {
            none: { label: '保留所有的層' },
            count: {
              label: '拿掉代價最小的',
              help: '一次一層，每次都選拿掉後譯文變化最小的那一層。',
            },
            list: { label: '拿掉指定的層' },
          },
        },
        decoder: { label: '解碼器拿掉幾層' },
        decoder_list: { label: '解碼器的哪幾層', help: '從 0 數起，以半形逗號分隔，例如 1。' },
      },
    },
    low_rank: {
      name: '低秩',
      does: '一個矩陣變成兩個細長矩陣的乘積。',
      gives:
        '要夠細，或者後面還有步驟替它們捨入，才省得了位元組。它們用浮點數運算，所以沒有 8 位元整數的速度。',
      fields: {
        amount: {
          label: '要多細',
          options: {
            rank: { label: '指定秩' },
            energy: { label: '看保留多少' },
            size: { label: '看占多少位元組' },
          },
        },
        rank: {
          label: '秩',
          help: '第一個矩陣的行數，至少是較短一邊的十六分之一。',
        },
        energy: {
          label: '保留的比例',
          help: '以奇異值的平方計算，0.01 到 1。',
        },
        size: {
          label: '位元組的比例',
          help: '和矩陣現在占的位元組相比；以半精度浮點數計算，0.01 到 1。',
        },
        whiten: {
          label: '保留對文字重要的部分',
          help: '讓這一層的輸出誤差最小，而不是權重的誤差最小。',
        },
      },
    },
    codebook: {
      name: '碼本',
      does: '把典型的權重組合收進一本小小的碼本，相鄰的幾個權重共用其中的一個碼。',
      gives:
        '兩個權重一碼、共 256 個碼，等於每個權重 4 位元，在我們的測試裡 chrF 大約掉半分。運算時權重要展開成浮點數，所以沒有 8 位元整數的速度。',
      fields: {
        dimension: {
          label: '每個碼的權重數',
          help: '1 到 16。兩個一碼夠精確，四個一碼很省位元組。',
        },
        codes: { label: '碼本裡的碼數', help: '2 到 256。' },
        books: {
          label: '碼本的數量',
          options: {
            matrix: { label: '整個矩陣一本' },
            columns: {
              label: '每一段直行一本',
              help: '乘積量化：更精確，但要存更多碼本。',
            },
          },
        },
        rounding: {
          label: '選哪個碼',
          options: {
            nearest: { label: '最接近的', help: '不看文字。' },
            weighted: {
              label: '考慮輸入後最接近的',
              help: '權重有多重要，要連同它所乘的輸入一起算。',
            },
            gptq: {
              label: 'GPTVQ',
              help: '每一直行都會彌補前面各行的誤差。',
            },
          },
        },
        seed: {
          label: '亂數種子',
          help: '最初的碼是用亂數選的，這裡決定亂數從哪裡開始。',
        },
      },
    },
    trim_vocabulary: {
      name: '縮減詞彙',
      does: '拿掉少見的子詞（字詞的片段），以及屬於它們的一切。',
      gives:
        '占了模型一半的嵌入矩陣會變短。之後字詞要用更小的片段拼出來，代價比看起來大：在我們的測試裡，32,000 個子詞留下 28,000 個，chrF 掉 1.1 分。',
      fields: {
        keep: {
          label: '留下的子詞數',
          help: '校準文字用到的子詞一定會留下。',
        },
      },
    },
    screen: {
      name: '不帶候選詞表',
      does: '模型附帶一份很長的詞表，列出接下來可能出現的詞；這裡改用一個小小的矩陣來找。',
      gives:
        '下載少了那份約 1.5 MB 的詞表，譯文幾乎不變。在 CPU 上，翻譯大約要多花五分之一的時間。',
      fields: {
        rank: { label: '秩', help: '每個子詞用幾個數字來代表。' },
        candidates: { label: '候選數', help: '接下來要精確計算的子詞，大約有幾個。' },
      },
    },
  },
};
