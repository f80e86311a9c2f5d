//! Pictures in files: PNG of at most 256 colours.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking; small pictures"
)]

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

/// A picture, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) pixels: Vec<[u8; 3]>,
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u8 {
    a.into_iter().zip(b).map(|(a, b)| a.abs_diff(b)).max().unwrap_or(0)
}

/// Colours that differ by more are different: larger than what reducing them to 256 does.
const NEAR: u8 = 40;

/// So many pixels may differ. A control that has moved by one changes more.
pub(super) const MOST: usize = 20;

/// The number of pixels that are different, and the first of them.
pub(super) fn differences(a: &Picture, b: &Picture) -> (usize, Option<[usize; 2]>) {
    if (a.width, a.pixels.len()) != (b.width, b.pixels.len()) {
        return (usize::MAX, None);
    }
    let pixels = a.pixels.iter().zip(&b.pixels).enumerate();
    let mut different = pixels.filter(|(_, (a, b))| distance(**a, **b) > NEAR).map(|(n, _)| n);
    let first = different.next();
    (first.map_or(0, |_| 1 + different.count()), first.map(|n| [n % a.width, n / a.width]))
}

/// The most frequent colours, and for each colour the nearest of them.
fn palette(picture: &Picture) -> (Vec<[u8; 3]>, HashMap<[u8; 3], u8>) {
    let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
    picture.pixels.iter().for_each(|pixel| *counts.entry(*pixel).or_default() += 1);
    let mut colours: Vec<([u8; 3], usize)> = counts.into_iter().collect();
    colours.sort_unstable_by_key(|(colour, n)| (std::cmp::Reverse(*n), *colour));
    // One that is near to a more frequent one needs no place of its own, at first.
    let mut chosen: Vec<[u8; 3]> = Vec::new();
    for room in [16, 8, 4, 1] {
        for (colour, _) in &colours {
            if chosen.len() < 256 && chosen.iter().all(|known| distance(*known, *colour) >= room) {
                chosen.push(*colour);
            }
        }
    }
    let nearest = |colour: [u8; 3]| {
        (0..=255)
            .min_by_key(|n| chosen.get(usize::from(*n)).map_or(u8::MAX, |known| distance(*known, colour)))
    };
    let map = colours.iter().map(|(colour, _)| (*colour, nearest(*colour).unwrap_or(0))).collect();
    (chosen, map)
}

pub(super) fn write(path: &Path, picture: &Picture) {
    let (colours, map) = palette(picture);
    let indices: Vec<u8> = picture.pixels.iter().map(|pixel| map[pixel]).collect();
    let (width, height) = (picture.width as u32, (picture.pixels.len() / picture.width) as u32);
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path).unwrap()), width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(colours.concat());
    encoder.set_compression(png::Compression::High);
    encoder.write_header().unwrap().write_image_data(&indices).unwrap();
}

pub(super) fn read(path: &Path) -> Option<Picture> {
    let file = File::open(path).ok()?;
    let mut decoder = png::Decoder::new(BufReader::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    let samples = info.color_type.samples();
    let pixels = bytes[..info.buffer_size()].chunks(samples).map(|rgb| [rgb[0], rgb[1], rgb[2]]).collect();
    Some(Picture { width: info.width as usize, pixels })
}
