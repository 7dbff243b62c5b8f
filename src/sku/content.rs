//! What a sku says of itself, and what of it is refused.

use rust_decimal::Decimal;

use super::entity::{OptionValues, SkuAttributes};
use crate::graphql::{currency, minor_units};
use crate::product::entity::{ProductOption, ProductOptions};
use crate::refusal::{Abort, Checks, LONGEST_NAME, Reason, Refusal};
use crate::text::shorten;

const MOST_ATTRIBUTES: usize = 100;
const LONGEST_ATTRIBUTE: usize = 1_000;

/// What a sku says of itself; `None` is not given.
#[derive(Clone)]
pub struct Content {
    /// `Some(None)` takes the code away.
    pub code: Option<Option<String>>,
    pub option_values: Option<OptionValues>,
    pub attributes: Option<SkuAttributes>,
    /// In the product's currency.
    pub price: Option<Decimal>,
    /// In the product's currency; `Some(None)` takes it away.
    pub compare_at_price: Option<Option<Decimal>>,
    pub position: Option<i32>,
    pub archived: Option<bool>,
}

/// The prices in minor units, as they are kept.
#[derive(Clone)]
pub struct Prices {
    pub price: Option<i64>,
    pub compare_at_price: Option<Option<i64>>,
}

impl Content {
    /// What can be checked without the product.
    pub fn check(&self) -> Result<(), Abort> {
        let mut checks = Checks::default();
        if let Some(Some(code)) = &self.code {
            checks.line("code", code, LONGEST_NAME);
        }
        if let Some(position) = self.position {
            checks.position("position", position);
        }
        if let Some(SkuAttributes(attributes)) = &self.attributes {
            checks.at_most("attributes", attributes.len(), MOST_ATTRIBUTES);
            for (index, attribute) in attributes.iter().enumerate() {
                checks.line(&format!("attributes.{index}.name"), &attribute.name, LONGEST_NAME);
                checks.text(&format!("attributes.{index}.value"), &attribute.value, LONGEST_ATTRIBUTE);
            }
        }
        checks.done()
    }

    /// What means something only together with the product: option values and prices.
    pub fn check_in_product(
        &self,
        currency_code: &str,
        options: &ProductOptions,
        option_values: Option<&OptionValues>,
    ) -> Result<Prices, Abort> {
        let currency = currency(currency_code)?;
        let mut checks = Checks::default();
        if let Some(OptionValues(values)) = option_values {
            check_option_values(&mut checks, &options.0, values);
        }
        let mut in_minor_units = |field: &str, amount: Decimal| match minor_units(amount, currency) {
            Ok(amount) => Some(amount),
            Err(text) => {
                checks.refuse(Refusal::new(field, Reason::Invalid, format!("{field} {text}")));
                None
            }
        };
        let price = self.price.and_then(|price| in_minor_units("price", price));
        let compare_at_price =
            self.compare_at_price.map(|before| before.and_then(|before| in_minor_units("compareAtPrice", before)));
        checks.done()?;
        Ok(Prices { price, compare_at_price })
    }
}

/// Checks that there is one value for each option, in their order, and that it is among those to choose from.
fn check_option_values(checks: &mut Checks, options: &[ProductOption], values: &[String]) {
    if values.len() != options.len() {
        let names: Vec<&str> = options.iter().map(|option| option.name.as_str()).collect();
        let message = match names.is_empty() {
            true => format!("{} values were given, the product has no options", values.len()),
            false => format!(
                "{} values were given, the product has {} options: {}",
                values.len(),
                options.len(),
                names.join(", ")
            ),
        };
        checks.refuse(Refusal::new("optionValues", Reason::Invalid, message));
        return;
    }
    for (index, (option, value)) in options.iter().zip(values).enumerate() {
        if !option.values.contains(value) {
            let message = format!(
                "{:?} is not a value of {}, which has {}",
                shorten(value),
                option.name,
                shorten(&option.values.join(", "))
            );
            checks.refuse(Refusal::new(&format!("optionValues.{index}"), Reason::Invalid, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Abort;

    fn refusals(values: &[&str]) -> Vec<Refusal> {
        let option = |name: &str, values: &[&str]| ProductOption {
            name: name.to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let options = [option("Size", &["S", "M"]), option("Colour", &["Red"])];
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        let mut checks = Checks::default();
        check_option_values(&mut checks, &options, &values);
        match checks.done() {
            Err(Abort::Refused(refusals)) => refusals,
            _ => Vec::new(),
        }
    }

    #[test]
    fn each_option_has_one_of_its_values() {
        assert_eq!(refusals(&["S", "Red"]), []);
        assert_eq!(
            refusals(&["S", "Blue"]),
            [Refusal::new("optionValues.1", Reason::Invalid, "\"Blue\" is not a value of Colour, which has Red")]
        );
        assert_eq!(
            refusals(&["S"]),
            [Refusal::new(
                "optionValues",
                Reason::Invalid,
                "1 values were given, the product has 2 options: Size, Colour"
            )]
        );
    }
}
