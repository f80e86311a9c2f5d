//! Paints the window by the processor alone, so that a picture needs no display and is the same everywhere.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use egui::epaint::{ClippedPrimitive, Primitive, Vertex};
use egui::{Color32, ImageData, Pos2, Rect, TextureId, TexturesDelta};
use egui_kittest::TestRenderer;

use super::file::Picture;

#[derive(Debug, Default)]
struct Texture {
    width: usize,
    height: usize,
    pixels: Vec<Color32>,
}

impl Texture {
    fn pixel(&self, x: f32, y: f32) -> [f32; 4] {
        let inside = |at: f32, size: usize| (at.max(0.0) as usize).min(size.saturating_sub(1));
        let at = inside(y, self.height) * self.width + inside(x, self.width);
        self.pixels[at].to_array().map(f32::from)
    }

    /// Between the four pixels around a place from 0 to 1.
    fn at(&self, u: f32, v: f32) -> [f32; 4] {
        let (x, y) = (u * self.width as f32 - 0.5, v * self.height as f32 - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let mix = |a: [f32; 4], b: [f32; 4], part: f32| std::array::from_fn(|n| a[n] + (b[n] - a[n]) * part);
        let row = |y| mix(self.pixel(left, y), self.pixel(left + 1.0, y), x - left);
        mix(row(top), row(top + 1.0), y - top)
    }
}

/// The textures of a window, which follow what it draws.
#[derive(Debug, Default, Clone)]
pub(crate) struct Canvas(Rc<RefCell<HashMap<TextureId, Texture>>>);

impl TestRenderer for Canvas {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let mut textures = self.0.borrow_mut();
        for (id, patches) in delta.set.drain() {
            for patch in patches {
                let ImageData::Color(image) = &patch.image;
                let [width, height] = image.size;
                let texture = textures.entry(id).or_default();
                let [x, y] = patch.pos.unwrap_or_else(|| {
                    *texture = Texture { width, height, pixels: vec![Color32::TRANSPARENT; width * height] };
                    [0, 0]
                });
                for (n, row) in image.pixels.chunks(width).enumerate() {
                    let start = (y + n) * texture.width + x;
                    texture.pixels[start..start + width].copy_from_slice(row);
                }
            }
        }
        delta.free.drain().for_each(|id| drop(textures.remove(&id)));
    }
}

impl Canvas {
    /// Paints shapes at one pixel a point.
    pub(super) fn paint(&self, shapes: Vec<ClippedPrimitive>, [width, height]: [usize; 2]) -> Picture {
        let mut picture = Picture { width, pixels: vec![[0; 3]; width * height] };
        let textures = self.0.borrow();
        for ClippedPrimitive { clip_rect, primitive } in shapes {
            let Primitive::Mesh(mesh) = primitive else { continue };
            let room = Rect::from_min_size(Pos2::ZERO, egui::vec2(width as f32, height as f32));
            let clip = Rect::from_min_max(clip_rect.min.round(), clip_rect.max.round()).intersect(room);
            let texture = &textures[&mesh.texture_id];
            for corners in mesh.indices.chunks(3) {
                let corners = [0, 1, 2].map(|n| mesh.vertices[corners[n] as usize]);
                picture.triangle(corners, clip, texture);
            }
        }
        picture
    }
}

impl Picture {
    fn triangle(&mut self, [a, mut b, mut c]: [Vertex; 3], clip: Rect, texture: &Texture) {
        let side = |a: Pos2, b: Pos2, p: Pos2| (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
        let mut area = side(a.pos, b.pos, c.pos);
        if area < 0.0 {
            std::mem::swap(&mut b, &mut c);
            area = -area;
        }
        let place = Rect::from_points(&[a.pos, b.pos, c.pos]).intersect(clip);
        if area == 0.0 || !place.is_positive() {
            return;
        }
        // A pixel on an edge of two triangles belongs to one of them.
        let owns =
            |a: Pos2, b: Pos2, side: f32| side > 0.0 || side == 0.0 && (b.y < a.y || b.y == a.y && b.x > a.x);
        for y in place.top().floor() as usize..place.bottom().ceil() as usize {
            for x in place.left().floor() as usize..place.right().ceil() as usize {
                let p = egui::pos2(x as f32 + 0.5, y as f32 + 0.5);
                if !clip.contains(p) {
                    continue;
                }
                let sides = [side(b.pos, c.pos, p), side(c.pos, a.pos, p), side(a.pos, b.pos, p)];
                let edges = [(b, c), (c, a), (a, b)];
                if !edges.iter().zip(sides).all(|((a, b), side)| owns(a.pos, b.pos, side)) {
                    continue;
                }
                let [wa, wb, wc] = sides.map(|side| side / area);
                let mix = |f: &dyn Fn(&Vertex) -> f32| f(&a) * wa + f(&b) * wb + f(&c) * wc;
                let texel = texture.at(mix(&|v| v.uv.x), mix(&|v| v.uv.y));
                let colour: [f32; 4] =
                    std::array::from_fn(|n| mix(&|v| f32::from(v.color.to_array()[n])) * texel[n] / 255.0);
                let pixel = &mut self.pixels[y * self.width + x];
                for n in 0..3 {
                    pixel[n] = (colour[n] + f32::from(pixel[n]) * (1.0 - colour[3] / 255.0)).round() as u8;
                }
            }
        }
    }
}
