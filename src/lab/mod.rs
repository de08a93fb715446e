//! Where compression meets the engine: what must run a model stands here.
//!
//! [`calibrate`] finds out what enters each product, and [`compress`] takes a recipe from package to
//! package.

pub mod calibrate;
pub mod compress;
mod layers;
mod structure;
