"""Translates with an engine from a Python wheel and says how long that took.

    native.py slimt|fxtranslate WHEEL_FOLDER MODEL VOCABULARY SHORTLIST

Standard input is {"warmUp": [text], "calls": [[text]]}; standard output
{"seconds", "cpuSeconds", "outputs"} of the calls, one after another.
"""

import importlib.util
import json
import sys
import time
from pathlib import Path


def slimt(folder, model, vocabulary, shortlist):
    """slimt's compiled module alone: its Python part looks for lists of models in the network."""
    (path,) = (folder / "slimt").glob("_slimt*.so")
    spec = importlib.util.spec_from_file_location("_slimt", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    config = module.Config()
    # Any text is split into sentences, as by every other engine here.
    config.split_mode = "paragraph"
    package = module.Package(model=model, vocabulary=vocabulary, shortlist=shortlist)
    loaded = module.Model(config, package)
    service = module.Service(workers=1, cache_size=0)
    return lambda texts: [
        response.target.text for response in service.translate(loaded, texts, html=False)
    ]


def fxtranslate(folder, model, vocabulary, shortlist):
    """It has no batches: texts go one by one."""
    sys.path.insert(0, str(folder))
    from fxtranslate import Translator

    pieces = Path(vocabulary).read_bytes()
    translator = Translator(
        Path(model).read_bytes(), pieces, pieces, Path(shortlist).read_bytes()
    )
    return lambda texts: [translator.translate_long(text) for text in texts]


def main(name, folder, *files):
    engines = {"slimt": slimt, "fxtranslate": fxtranslate}
    translate = engines[name](Path(folder), *files)
    work = json.load(sys.stdin)
    translate(work["warmUp"])
    wall, cpu = time.perf_counter(), time.process_time()
    outputs = [text for texts in work["calls"] for text in translate(texts)]
    result = {
        "seconds": time.perf_counter() - wall,
        "cpuSeconds": time.process_time() - cpu,
        "outputs": outputs,
    }
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
