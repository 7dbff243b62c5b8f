//! Where a file has what the rules of the mutations refuse: line, column and value of an input field.

use super::heading::{Column, OPTIONS};
use super::problem::{Problem, Problems};
use super::product::{FileProduct, FileVariant};
use crate::refusal::Refusal;

impl FileProduct {
    /// The problem of a refused field, where the file has its value.
    fn problem(&self, refusal: &Refusal) -> Problem {
        let mut steps = refusal.field.iter().skip(1).map(String::as_str);
        let (line, column, value) = match steps.next().unwrap_or_default() {
            "description" => (self.line, Column::Body, self.description.as_deref().unwrap_or_default()),
            "tags" => (self.line, Column::Tags, self.tags.as_deref().unwrap_or_default()),
            "seo" if steps.next() == Some("title") => {
                (self.line, Column::SeoTitle, self.seo_title.as_deref().unwrap_or_default())
            }
            "seo" => (self.line, Column::SeoDescription, self.seo_description.as_deref().unwrap_or_default()),
            "images" => {
                let number = steps.next().and_then(|step| step.parse::<usize>().ok());
                let image = number.and_then(|number| self.images.as_ref()?.get(number));
                let alt_text = image.and_then(|image| image.alt_text.as_deref()).unwrap_or_default();
                (image.map_or(self.line, |image| image.line), Column::ImageAltText, alt_text)
            }
            "options" => {
                let number = steps.next().and_then(|step| step.parse::<usize>().ok()).unwrap_or_default();
                let (name, value) = OPTIONS.get(number).copied().unwrap_or(OPTIONS[0]);
                let column = if steps.next() == Some("values") { value } else { name };
                let text = self.options.as_ref().and_then(|names| names.get(number)).map_or("", String::as_str);
                (self.line, column, if column == name { text } else { "" })
            }
            _ => (self.line, Column::Title, self.title.as_str()),
        };
        Problem::of_refusal(line, column, value, refusal)
    }

    pub fn problems(&self, refusals: &[Refusal]) -> Problems {
        let mut problems = Problems::default();
        refusals.iter().for_each(|refusal| problems.push(self.problem(refusal)));
        problems
    }
}

impl FileVariant {
    /// The problem of a refused field, where the file has its value.
    pub fn problem(&self, refusal: &Refusal) -> Problem {
        let mut steps = refusal.field.iter().skip(1).map(String::as_str);
        let price;
        let (column, value) = match steps.next().unwrap_or_default() {
            "code" => (Column::Sku, self.code.as_ref().and_then(|code| code.as_deref()).unwrap_or_default()),
            "price" => {
                price = self.price.to_string();
                (Column::Price, price.as_str())
            }
            "compareAtPrice" => (Column::CompareAtPrice, ""),
            _ => {
                let number = steps.next().and_then(|step| step.parse::<usize>().ok()).unwrap_or_default();
                let column = OPTIONS.get(number).unwrap_or(&OPTIONS[0]).1;
                (column, self.option_values.get(number).map_or("", String::as_str))
            }
        };
        Problem::of_refusal(self.line, column, value, refusal)
    }
}
