//! The whole network on the GPU, on the evaluation set, in both directions and with every form of
//! weights, against the CPU with the same weights.

mod common;

use common::gpu::gpu;
use common::models::{DIRECTIONS, evaluation, package};
use futures_lite::future::block_on;
use pocketglot::backend::cpu::Cpu;
use pocketglot::backend::gpu::Gpu;
use pocketglot::backend::Backend;
use pocketglot::model::Source;
use pocketglot::token::TokenId;
use pocketglot::translate::Translator;

fn sources<B: Backend>(translator: &Translator<B>, texts: &[String]) -> Vec<Source> {
    let mut sources: Vec<_> =
        texts.iter().flat_map(|text| translator.prepare(text).unwrap().1).collect();
    sources.sort_by_key(|source| source.tokens.len());
    sources
}

fn translate<B: Backend>(translator: &Translator<B>, sources: &[Source], size: usize) -> Vec<Vec<TokenId>> {
    sources
        .chunks(size)
        .flat_map(|batch| block_on(translator.network().translate(batch)).unwrap())
        .collect()
}

#[test]
fn a_first_look() {
    let Some(gpu) = gpu("models") else { return };
    for (source, target) in DIRECTIONS {
        let package = package(source, target);
        let cpu = Translator::load(Cpu::default(), &package).unwrap();
        let sources = sources(&cpu, &evaluation(source));
        let expected = translate(&cpu, &sources, 64);
        let start = std::time::Instant::now();
        let ours = Translator::load(gpu.clone(), &package).unwrap();
        println!("load {:?}, {} bytes", start.elapsed(), ours.network().weight_bytes());
        let before = gpu.counts();
        let start = std::time::Instant::now();
        let translated = translate(&ours, &sources, 64);
        println!("{:?} {:?}", start.elapsed(), gpu.counts().since(before));
        let same = translated.iter().zip(&expected).filter(|(a, b)| a == b).count();
        println!("{source} → {target}: {same} of {}; {} MB", sources.len(), gpu.memory_bytes() >> 20);
    }
}
