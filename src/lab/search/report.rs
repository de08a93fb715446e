//! Tables and a chart of what a search found.

use std::fmt::Write;

use serde::Serialize;

use super::Found;
use super::confirm::Confirmed;
use crate::compress::Recipe;
use crate::error::{Error, Result};

/// A recipe as a file that `compress` reads.
///
/// # Errors
/// None for recipes that were read or found.
pub fn toml(recipe: &Recipe) -> Result<String> {
    toml::to_string(recipe.given()).map_err(|error| Error::invalid(error.to_string()))
}

/// A point of the front: what was measured of it, and what its recipe gave.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The file of its recipe.
    pub file: String,
    /// See [`super::Point::divergence`].
    pub divergence: f64,
    /// See [`super::Point::latency`].
    pub latency: Option<f64>,
    /// What the recipe gave.
    #[serde(flatten)]
    pub confirmed: Confirmed,
}

/// A line for each recipe, as comma-separated values: bytes, nats a target token, chrF points and
/// those lost, BLEU points, words a second and milliseconds a target token; what was not measured is
/// empty.
pub fn front_csv(rows: &[Row], original: &Confirmed) -> String {
    let mut table = "file,wire_bytes,divergence,chrf,chrf_lost,bleu,words_per_second,\
                     ms_per_token\n"
        .to_owned();
    let number = |value: Option<f64>, digits: usize| {
        value.map_or_else(String::new, |value| format!("{value:.digits$}"))
    };
    for Row { file, divergence, latency, confirmed } in rows {
        let Confirmed { wire_bytes, chrf, bleu, words_per_second, .. } = confirmed;
        let lost = original.chrf - chrf;
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "{file},{wire_bytes},{divergence:.6},{chrf:.3},{lost:.3},{bleu:.3},{},{}",
            number(*words_per_second, 0),
            number(*latency, 4),
        );
    }
    table
}

/// A line for each candidate: bytes, nats a target token, milliseconds a target token, whether it is
/// on the front, and its recipe as JSON.
pub fn points_csv(found: &Found) -> String {
    let mut table = "bytes,divergence,ms_per_token,front,recipe\n".to_owned();
    for (at, point) in found.points.iter().enumerate() {
        let latency = point.latency.map_or_else(String::new, |latency| format!("{latency:.4}"));
        let front = u8::from(found.front.contains(&at));
        let recipe = point.recipe.given().to_string().replace('"', "\"\"");
        let _ = writeln!(
            table,
            "{},{:.6},{latency},{front},\"{recipe}\"",
            point.bytes, point.divergence
        );
    }
    table
}

/// Sizes of the picture and of its margins, in its own units.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 52.0;
/// Lines of the grid, at least so many of each kind.
const TICKS: usize = 4;
/// Candidates that are much worse than all of the front would press it together.
const WORST: f64 = 3.0;

/// An SVG: megabytes that a user downloads to the right, divergence upwards on a logarithmic scale;
/// all candidates, and the front as a line.
pub fn chart(found: &Found, title: &str) -> String {
    let front: Vec<(f64, f64)> = found.front.iter().map(|&at| place(found, at)).collect();
    let worst = front.iter().fold(0.0, |most: f64, point| most.max(point.1)) * WORST;
    let all: Vec<(f64, f64)> = (0..found.points.len())
        .map(|at| place(found, at))
        .filter(|point| point.1 <= worst && point.0 <= 1.05 * front.last().map_or(0.0, |p| p.0))
        .collect();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"11\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"16\" font-weight=\"bold\">{}</text>\n",
        escape(title)
    );
    let range = |of: &dyn Fn(&(f64, f64)) -> f64| {
        let (least, most) = all
            .iter()
            .map(of)
            .fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)));
        let room = 0.04 * (most - least).max(1e-6);
        (least - room, most + room)
    };
    if !all.is_empty() {
        let (x0, x1) = range(&|point| point.0);
        let (y0, y1) = range(&|point| point.1.log10());
        let x = |size: f64| LEFT + (size - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT);
        let y = |value: f64| HEIGHT - BOTTOM - (value - y0) / (y1 - y0) * (HEIGHT - TOP - BOTTOM);
        for size in ticks(x0, x1) {
            let at = x(size);
            let (top, bottom) = (TOP, HEIGHT - BOTTOM);
            let _ = writeln!(
                svg,
                "<path d=\"M{at:.1} {top}V{bottom}\" stroke=\"#e6e6e6\"/>\
                 <text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{size:.2}</text>",
                bottom + 16.0
            );
        }
        for level in ticks(y0, y1) {
            let (at, value) = (y(level), 10f64.powf(level));
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT} {at:.1}H{:.1}\" stroke=\"#e6e6e6\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value:.4}</text>",
                WIDTH - RIGHT,
                LEFT - 6.0,
                at + 4.0
            );
        }
        for (size, divergence) in &all {
            let (x, y) = (x(*size), y(divergence.log10()));
            let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\" fill=\"#bbb\"/>");
        }
        let line: Vec<String> = front
            .iter()
            .map(|(size, divergence)| format!("{:.1},{:.1}", x(*size), y(divergence.log10())))
            .collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"#4c78a8\" stroke-width=\"1.5\"/>",
            line.join(" ")
        );
        for point in &line {
            let (x, y) = point.split_once(',').unwrap_or_default();
            let _ = writeln!(svg, "<circle cx=\"{x}\" cy=\"{y}\" r=\"3.5\" fill=\"#4c78a8\"/>");
        }
    }
    let _ = write!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">download, MB</text>\n\
         <text transform=\"translate(16 {:.1}) rotate(-90)\" text-anchor=\"middle\">divergence, \
         nats a token</text>\n</svg>\n",
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - 14.0,
        (TOP + HEIGHT - BOTTOM) / 2.0
    );
    svg
}

/// Megabytes and divergence, which a logarithm is taken of.
fn place(found: &Found, at: usize) -> (f64, f64) {
    let point = &found.points[at];
    (point.bytes as f64 / 1e6, point.divergence.max(f64::MIN_POSITIVE))
}

/// Round numbers between two others.
fn ticks(from: f64, to: f64) -> Vec<f64> {
    let rough = (to - from) / TICKS as f64;
    let power = 10f64.powf(rough.log10().floor());
    let step = [5.0, 2.0, 1.0].map(|of| of * power).into_iter().find(|step| *step <= rough);
    let step = step.unwrap_or(power);
    let first = (from / step).ceil();
    (0..).map(|n| (first + f64::from(n)) * step).take_while(|tick| *tick <= to).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
