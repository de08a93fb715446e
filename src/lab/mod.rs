//! Where compression meets the engine: what must run a model stands here.
//!
//! [`calibrate`] finds out what enters each product, [`compress`] takes a recipe from package to
//! package, [`search`] looks for recipes, and [`student`] makes a package of another shape, to be
//! trained by `heal`. [`inspect`], [`histogram`], [`bytes`] and [`report`] say what programs are told
//! of a model and of what was done to it, on the command line and in the page.

pub mod bytes;
pub mod calibrate;
pub mod compress;
#[cfg(feature = "heal")]
pub mod heal;
pub mod histogram;
pub mod inspect;
mod layers;
pub mod report;
pub mod search;
mod structure;
pub mod student;
mod vocabulary;
