//! Where compression meets the engine: what must run a model stands here.
//!
//! [`calibrate`] finds out what enters each product, and [`compress`] takes a recipe from package to
//! package. [`inspect`], [`histogram`], [`bytes`] and [`report`] say what programs are told of a
//! model and of what was done to it, on the command line and in the page.

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
mod vocabulary;
