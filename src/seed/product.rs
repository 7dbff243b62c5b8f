//! The rows of products, of their skus, and of the stock of these.

use rand::RngExt;

use super::dice::{Dice, chance, later, pick};
use super::sketch::{Sketch, grown};
use super::words::{CLOSINGS, MIDDLES, OPENINGS, TAGS, VIEWS};
use super::{Shop, json, row, slug};
use crate::product::entity::{ProductImage, ProductImages, ProductOption, ProductOptions, Tags};
use crate::sku::entity::{OptionValues, SkuAttribute, SkuAttributes};

/// The longest after its creation that something was last changed, in hours.
const CHANGED_WITHIN: i64 = 60 * 24;

impl Shop {
    /// The rows of the product of this number.
    pub fn product(&self, index: u32) -> (row::Product, Vec<row::Sku>, Vec<row::Stock>) {
        let (sketch, mut dice) = Sketch::draw(self, index);
        let product = self.product_row(&sketch, &mut dice);
        let (lightest, heaviest) = self.leaves[sketch.leaf].family.grams();
        let grams = dice.random_range(lightest..=heaviest);
        let mut skus = Vec::with_capacity(sketch.skus.len());
        let mut stock = Vec::with_capacity(sketch.skus.len());
        for position in 0..sketch.skus.len() {
            let sku = self.sku_row(&sketch, position, grams, &mut dice);
            stock.push(row::Stock {
                sku_id: sku.id,
                product_id: sketch.id,
                quantity: if chance(&mut dice, 15) { 0 } else { dice.random_range(1..=250) },
                updated_at: later(&mut dice, sketch.created_at, CHANGED_WITHIN),
            });
            skus.push(sku);
        }
        (product, skus, stock)
    }

    fn product_row(&self, sketch: &Sketch, dice: &mut Dice) -> row::Product {
        let slug = format!("{}-{}", slug(&sketch.name), sketch.index + 1);
        let options = sketch.options.iter().map(|option| ProductOption {
            name: option.name.to_owned(),
            values: option.values.iter().map(|&value| value.to_owned()).collect(),
        });
        row::Product {
            id: sketch.id,
            store_id: self.stores[sketch.store as usize],
            category_id: self.leaf_ids[sketch.leaf],
            name: sketch.name.clone(),
            description: description(dice, self.leaves[sketch.leaf].noun, sketch.material),
            status: sketch.status.to_owned(),
            currency_code: self.currency_of(sketch.store).code.to_owned(),
            options: json(&ProductOptions(options.collect())),
            tags: json(&tags(dice, sketch.material)),
            images: json(&images(dice, &sketch.name, &slug)),
            slug,
            created_at: sketch.created_at,
            updated_at: later(dice, sketch.created_at, CHANGED_WITHIN),
        }
    }

    fn sku_row(&self, sketch: &Sketch, position: usize, grams: i64, dice: &mut Dice) -> row::Sku {
        let sku = &sketch.skus[position];
        let initials: String = sketch.name.split(' ').filter_map(|word| word.chars().next()).take(4).collect();
        let weight = weight(grown(grams, self.leaves[sketch.leaf], sku.step));
        let attributes = [("Material", sketch.material.to_owned()), ("Weight", weight)];
        let attributes = attributes.map(|(name, value)| SkuAttribute { name: name.to_owned(), value });
        // Far enough above that the two still differ once both are rounded.
        let worth_before = sku.worth * dice.random_range(130..=170) / 100;
        row::Sku {
            id: sku.id,
            product_id: sketch.id,
            code: format!("{}-{:06}-{}", initials.to_uppercase(), sketch.index + 1, position + 1),
            option_values: json(&OptionValues(sku.values.iter().map(|&value| value.to_owned()).collect())),
            attributes: json(&SkuAttributes(attributes.into())),
            price: sku.price,
            compare_at_price: chance(dice, 20).then(|| self.currency_of(sketch.store).price(worth_before)),
            position: i32::try_from(position).expect("a product has few skus"),
            created_at: sketch.created_at,
            updated_at: later(dice, sketch.created_at, CHANGED_WITHIN),
        }
    }
}

fn images(dice: &mut Dice, name: &str, slug: &str) -> ProductImages {
    let views = &VIEWS[..dice.random_range(1..=VIEWS.len())];
    let image = |(index, view): (usize, &&str)| ProductImage {
        url: format!("https://images.example.com/{slug}/{}.jpg", index + 1),
        alt_text: chance(dice, 80).then(|| format!("{name} {view}")),
    };
    ProductImages(views.iter().enumerate().map(image).collect())
}

fn tags(dice: &mut Dice, material: &str) -> Tags {
    let mut tags = vec![slug(material)];
    for _ in 0..dice.random_range(0..4) {
        let tag = *pick(dice, &TAGS);
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    Tags(tags)
}

fn description(dice: &mut Dice, noun: &str, material: &str) -> String {
    let mut sentences = vec![*pick(dice, &OPENINGS)];
    let more = dice.random_range(0..3);
    if more > 0 {
        sentences.push(*pick(dice, &MIDDLES));
    }
    if more > 1 {
        sentences.push(*pick(dice, &CLOSINGS));
    }
    let text = sentences.join(" ");
    text.replace("{noun}", &noun.to_lowercase()).replace("{material}", &material.to_lowercase())
}

fn weight(grams: i64) -> String {
    if grams < 1000 { format!("{grams} g") } else { format!("{}.{} kg", grams / 1000, grams % 1000 / 100) }
}
