//! What a customer chooses of a product: its options, the variant that a choice stands for, and what can still be had.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, SelectionField};

use super::entity::{self, ProductOptions};
use super::node::ProductDetails;
use super::object::Product;
use crate::error::{Error, Result};
use crate::graphql::{AssumedSize, AtHand, ContextExt, MaxAge, NowList, Selected, Weight};
use crate::stock::StockByProduct;
use crate::text::shorten;

/// A value that is chosen for an option. Names and values are compared letter by letter, upper and lower case are different.
#[derive(InputObject)]
pub struct SelectedOptionInput {
    /// The option, such as `Size`.
    name: String,
    /// The value, such as `M`.
    value: String,
}

/// The values in the order of the product's options. A name that the product has not, one that comes twice and one that is missing are
/// BAD_USER_INPUT.
pub fn whole_selection(options: &ProductOptions, selected: &[SelectedOptionInput]) -> Result<Vec<String>> {
    let mut values = vec![None; options.0.len()];
    for SelectedOptionInput { name, value } in selected {
        let Some(place) = options.0.iter().position(|option| option.name == *name) else {
            let known: Vec<String> = options.0.iter().map(|option| format!("{:?}", shorten(&option.name))).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Error::bad_input(format!(
                "{:?} is not an option of the product, it has {known}",
                shorten(name)
            )));
        };
        if values[place].replace(value).is_some() {
            return Err(Error::bad_input(format!("{:?} is given twice", shorten(name))));
        }
    }
    let value = |(option, value): (&entity::ProductOption, Option<&String>)| {
        let missing = || Error::bad_input(format!("options: a value for {:?} is missing", shorten(&option.name)));
        value.cloned().ok_or_else(missing)
    };
    options.0.iter().zip(values).map(value).collect()
}

/// Something that a customer chooses, and what there is to choose from.
pub struct ProductOption {
    product: Product,
    details: Arc<ProductDetails>,
    place: usize,
}

impl ProductOption {
    pub fn all_of(product: &Product, details: &Arc<ProductDetails>) -> Vec<Self> {
        let option = |place| Self { product: product.clone(), details: details.clone(), place };
        (0..details.options.0.len()).map(option).collect()
    }

    /// Whether it is asked what can be had.
    pub fn selects_availability(option: Selected<'_>) -> bool {
        option.any(&|name, below| name == "values" && below.has("available"))
    }

    /// The same of the field that gives options.
    pub fn tells_availability(options: SelectionField<'_>) -> bool {
        let mut values = options.selection_set().filter(|field| field.name() == "values");
        values.any(|values| values.selection_set().any(|field| field.name() == "available"))
    }

    fn option(&self) -> &entity::ProductOption {
        &self.details.options.0[self.place]
    }
}

/// Something that a customer chooses, and what there is to choose from.
#[Object(directive = MaxAge::apply(60))]
impl ProductOption {
    /// What is chosen, such as `Size`.
    async fn name(&self) -> &str {
        &self.option().name
    }

    /// What there is to choose from, such as `S`, `M`, `L`.
    #[graphql(directive = AssumedSize::apply(10))]
    async fn values(&self) -> NowList<ProductOptionValue<'_>> {
        NowList((0..self.option().values.len()).map(|place| ProductOptionValue { option: self, place }).collect())
    }
}

/// One value of an option of a product.
pub struct ProductOptionValue<'a> {
    option: &'a ProductOption,
    place: usize,
}

/// One value of an option of a product.
#[Object(directive = Weight::apply(0), directive = MaxAge::apply(60))]
impl ProductOptionValue<'_> {
    /// The value, such as `M`.
    async fn name(&self) -> &str {
        &self.option.option().values[self.place]
    }

    /// Whether any variant with this value has stock, of those that have the given values of the other options. May lag behind the last
    /// sale by a moment.
    async fn available(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "What else is chosen. A value given for this option does not count, so the whole of what is chosen can be given, nor does \
                    an option that the product has not. With a value that no variant has, nothing is available."
        )]
        given: Option<Vec<SelectedOptionInput>>,
    ) -> Result<bool> {
        let (request, ProductOption { product, details, place }) = (ctx.request(), self.option);
        let given = given.unwrap_or_default();
        let others = given.iter().filter_map(|SelectedOptionInput { name, value }| {
            let other = details.options.0.iter().position(|option| option.name == *name)?;
            (other != *place).then_some((other, value))
        });
        let wanted: Vec<(usize, &String)> =
            others.chain([(*place, &self.option.option().values[self.place])]).collect();
        let skus = product.all_skus(request).await?;
        let stock = request.load::<StockByProduct>(product.node().row.id).await?;
        let has_stock = |sku| stock.as_ref().and_then(|stock| stock.of_sku(sku)).is_some_and(|row| row.quantity > 0);
        Ok(skus.iter().any(|sku| {
            let has = |(option, wanted): &(usize, &String)| sku.option_values.0.get(*option) == Some(*wanted);
            wanted.iter().all(has) && has_stock(sku.id)
        }))
    }
}

impl AtHand for ProductOption {
    fn is_at_hand(_: &str, below: Selected<'_>) -> bool {
        !below.has("available")
    }
}

impl AtHand for ProductOptionValue<'_> {
    fn is_at_hand(field: &str, _: Selected<'_>) -> bool {
        field != "available"
    }
}
