// What the package says in English when something fails, for readers of Chinese. The package has one
// language, so its sentences are recognised here; one that is not known stays as it is.

/** What may fail to load or to run. */
const NAMES = new Map([
  ['translation engine', '翻譯引擎'],
  ['translation worker', '翻譯引擎'],
  ['laboratory', '實驗室'],
  ['calibration text', '校準文字'],
  ['training', '訓練模組'],
  ['text to learn from', '學習用的文字'],
]);
/** @param {string} what */
const named = (what) => NAMES.get(what) ?? what;

/** @type {[RegExp, (...parts: string[]) => string][]} */
const SENTENCES = [
  [/^The download stopped after (\S+) of (\S+) MB\.$/, (loaded, total) => `下載停在 ${loaded} / ${total} MB。`],
  [/^The download stopped after (\S+) MB\.$/, (loaded) => `下載停在 ${loaded} MB。`],
  [/^The model could not be downloaded: the server cannot/, () => '模型下載失敗：連不上伺服器，裝置是不是離線了？'],
  [/^The model file was not found on the server \((\d+)\): (.*)$/, (status, url) => `伺服器上找不到模型檔案（${status}）：${url}`],
  [/^The server did not give the model file \(status (\d+)\): (.*)$/, (status, url) => `伺服器沒有提供模型檔案（狀態碼 ${status}）：${url}`],
  [/^The server sent a web page instead of the model file: (.*)$/, (url) => `伺服器傳來的是網頁，不是模型檔案：${url}`],
  [
    /^The downloaded model is not the expected file .* SHA-256 is (\w+)…, expected was (\w+)…/,
    (actual, expected) => `下載到的模型和預期的檔案不同，已經丟棄：SHA-256 是 ${actual}…，預期是 ${expected}…。`,
  ],
  [/^The model file is damaged/, () => '模型檔案已損壞，無法解壓縮。'],
  [/^The stored model cannot be read\.$/, () => '讀不到先前保存的模型。'],
  [/^The list of models could not be reached/, () => '讀不到模型清單，裝置是不是離線了？'],
  [
    /^The list of models could not be had: the server answered (\d+) for (.*)\.$/,
    (status, url) => `讀不到模型清單：伺服器對 ${url} 回應 ${status}。`,
  ],
  [/^The list of models at (.*) is not understood: (.*)\.$/, (url, what) => `讀不懂 ${url} 的模型清單（${what}）。`],
  [/^There is no model from (\S+) to (\S+)\.$/, (source, target) => `沒有從 ${source} 翻譯成 ${target} 的模型。`],
  [
    /^The model translates from (\S+) to (\S+), not from (\S+) to (\S+)\.$/,
    (source, target, wantedSource, wantedTarget) =>
      `這個模型從 ${source} 翻譯成 ${target}，不是從 ${wantedSource} 翻譯成 ${wantedTarget}。`,
  ],
  [
    /^The model file on the server has (\d+) bytes, the list of models says (\d+): (.*)$/,
    (actual, expected, url) => `伺服器上的模型檔案有 ${actual} 個位元組，模型清單寫的是 ${expected} 個：${url}`,
  ],
  [
    /^The model file unpacks to more than the expected (\S+) MB\.$/,
    (expected) => `模型檔案解壓縮後超過預期的 ${expected} MB。`,
  ],
  [
    /^The model file holds (\d+) bytes when unpacked, expected were (\d+)\.$/,
    (actual, expected) => `模型檔案解壓縮後有 ${actual} 個位元組，預期是 ${expected} 個。`,
  ],
  [/^The unpacking of the model stopped: (.*)$/s, (reason) => `模型的解壓縮中斷了（${reason}）。`],
  [/^The model file is not understood: (.*)$/s, (reason) => `讀不懂模型檔案（${reason}）。`],
  [/^The (.*) could not be (?:loaded|downloaded)\. /, (what) => `${named(what)}載入失敗，裝置是不是離線了？`],
  [
    /^The (.*) could not be downloaded: the server answered (\d+) for (.*)\.$/,
    (what, status, url) => `${named(what)}載入失敗：伺服器對 ${url} 回應 ${status}。`,
  ],
  [/^The (.*) could not be started: (.*)$/s, (what, reason) => `${named(what)}無法啟動（${reason}）。`],
  [/^This browser cannot run the (.*): it has no (.*)\.$/, (what, missing) => `這個瀏覽器無法執行${named(what)}：它缺少 ${missing}。`],
  [/^The translation engine stopped while it read a model: (.*)$/s, (reason) => `翻譯引擎讀取模型時停止運作（${reason}）。`],
  [/^The (translation engine|translation worker|laboratory|training) stopped: (.*)$/s, (what, reason) => `${named(what)}停止運作（${reason}）。`],
  [/^The laboratory ran out of memory: this browser had no (\d+) MB more for it\.$/, (missing) => `實驗室的記憶體用完了：瀏覽器無法再給它 ${missing} MB。`],
  [
    /^nothing fits into (\d+) bytes: without any matrix this model takes (\d+)$/,
    (budget, rest) => `${budget} 個位元組什麼都放不下：這個模型去掉所有矩陣還有 ${rest} 個位元組。`,
  ],
  [
    /^nothing fits into (\d+) bytes: with ([\d.]+) bits a weight, .* about (\d+)$/,
    (budget, bits, least) => `${budget} 個位元組放不下：每個權重至少用 ${bits} 位元，這個模型大約要 ${least} 個位元組。`,
  ],
  [
    /^nothing fills (\d+) bytes: with ([\d.]+) bits a weight, .* about (\d+)$/,
    (budget, bits, most) => `${budget} 個位元組用不完：每個權重最多用 ${bits} 位元，這個模型大約是 ${most} 個位元組。`,
  ],
  [/^a search needs (\d+) lines of text or more, and has (\d+)$/, (least, lines) => `搜尋至少需要 ${least} 行文字，這裡只有 ${lines} 行。`],
  // What is wrong with a recipe is told in its own words: keys and values.
  [/^step (\d+)(?: \([a-z_]+\))?: (.*)$/s, (step, problem) => `配方的步驟 ${step} 有問題：${problem}`],
  [/^the recipe: (.*)$/s, (problem) => `配方有問題：${problem}`],
  [
    /^(\d+) lines of text: (\d+) are held out to judge by, and at least as many must be left to learn from$/,
    (lines, heldOut) => `文字只有 ${lines} 行：其中 ${heldOut} 行要保留來評分，而且至少要有同樣多的行可以學習。`,
  ],
  [/^the text holds no sentence to learn from$/, () => '文字裡沒有可以學習的句子。'],
  [/^the teacher finds an end for no sentence of the text$/, () => '原版模型無法翻譯這份文字裡的任何一句。'],
  [/^there is no memory for training: it takes (\d+) bytes$/, (bytes) => `沒有足夠的記憶體可以訓練：需要 ${bytes} 個位元組。`],
  [/^This browser has no WebGPU for this page\.$/, () => '這個瀏覽器沒有提供 WebGPU 給網頁使用。'],
  [/^There is no GPU that this browser would compute with\.$/, () => '這裡沒有瀏覽器可以用來運算的 GPU。'],
  [/^The GPU stopped: (.*)$/, (reason) => `GPU 停止運作（${reason}）。`],
];

/** @param {string} message */
export function inChinese(message) {
  for (const [pattern, sentence] of SENTENCES) {
    const found = pattern.exec(message);
    if (found) return sentence(...found.slice(1));
  }
  return message;
}
