//! The words that names, options and descriptions are made of.

/// What a product is made of decides its materials and its weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Ceramic,
    Filling,
    Furniture,
    Glass,
    Metal,
    Textile,
    Wood,
}

impl Family {
    pub fn materials(self) -> &'static [&'static str] {
        match self {
            Self::Ceramic => &["Stoneware", "Porcelain", "Earthenware", "Terracotta", "Bone China", "Ceramic"],
            Self::Filling => &["Goose Down", "Duck Feather", "Wool", "Bamboo", "Memory Foam", "Latex", "Microfibre"],
            Self::Furniture => &["Oak", "Walnut", "Ash", "Beech", "Pine", "Mango Wood", "Rattan", "Steel"],
            Self::Glass => {
                &["Crystal", "Borosilicate", "Recycled Glass", "Smoked Glass", "Pressed Glass", "Opal Glass"]
            }
            Self::Metal => &["Cast Iron", "Stainless Steel", "Copper", "Carbon Steel", "Aluminium", "Brass", "Enamel"],
            Self::Textile => &["Linen", "Cotton", "Percale", "Flannel", "Wool", "Velvet", "Bamboo", "Jersey"],
            Self::Wood => &["Oak", "Walnut", "Beech", "Acacia", "Olive Wood", "Maple", "Bamboo", "Cherry"],
        }
    }

    /// What the smallest variant weighs, in grams: the lightest and the heaviest product.
    pub fn grams(self) -> (i64, i64) {
        match self {
            Self::Ceramic => (250, 2_400),
            Self::Filling => (600, 4_500),
            Self::Furniture => (3_000, 48_000),
            Self::Glass => (120, 1_600),
            Self::Metal => (300, 3_800),
            Self::Textile => (80, 1_900),
            Self::Wood => (200, 2_800),
        }
    }

    pub fn finishes(self) -> &'static [&'static str; 5] {
        match self {
            Self::Ceramic | Self::Glass => &["Matt", "Gloss", "Satin", "Speckled", "Crackled"],
            Self::Filling | Self::Textile => &["Plain", "Stitched", "Piped", "Fringed", "Scalloped"],
            Self::Furniture | Self::Wood => &["Natural", "Oiled", "Waxed", "Lacquered", "Smoked"],
            Self::Metal => &["Brushed", "Polished", "Hammered", "Black", "Antique"],
        }
    }
}

/// How a product is sized, from its smallest variant to its largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    Bed,
    Length,
    Pan,
    Pieces,
    Size,
    Volume,
}

impl Scale {
    /// The name of the option.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bed | Self::Size => "Size",
            Self::Length => "Length",
            Self::Pan => "Diameter",
            Self::Pieces => "Pieces",
            Self::Volume => "Capacity",
        }
    }

    pub fn values(self) -> &'static [&'static str; 6] {
        match self {
            Self::Bed => &["Single", "Small Double", "Double", "King", "Super King", "Emperor"],
            Self::Length => &["80 cm", "100 cm", "120 cm", "160 cm", "200 cm", "240 cm"],
            Self::Pan => &["16 cm", "20 cm", "24 cm", "28 cm", "32 cm", "36 cm"],
            Self::Pieces => &["Single", "Pair", "Set of 3", "Set of 4", "Set of 6", "Set of 8"],
            Self::Size => &["Extra Small", "Small", "Medium", "Large", "Extra Large", "Double Extra Large"],
            Self::Volume => &["0.5 L", "1 L", "1.5 L", "2 L", "3 L", "5 L"],
        }
    }

    /// How much dearer and heavier each step is than the smallest, in per cent.
    pub fn growth(self) -> i64 {
        if self == Self::Pieces { 70 } else { 18 }
    }
}

pub const COLOURS: [&str; 12] = [
    "White",
    "Black",
    "Stone Grey",
    "Sage Green",
    "Navy",
    "Terracotta",
    "Mustard",
    "Blush",
    "Charcoal",
    "Natural",
    "Sky Blue",
    "Plum",
];

pub const ADJECTIVES: [&str; 32] = [
    "Rustic",
    "Nordic",
    "Classic",
    "Modern",
    "Everyday",
    "Heritage",
    "Artisan",
    "Coastal",
    "Slim",
    "Grand",
    "Compact",
    "Vintage",
    "Quiet",
    "Rounded",
    "Ribbed",
    "Tall",
    "Handmade",
    "Farmhouse",
    "Studio",
    "Harvest",
    "Alpine",
    "Garden",
    "Weekend",
    "Winter",
    "Summer",
    "Provence",
    "Kyoto",
    "Copenhagen",
    "Lisbon",
    "Shaker",
    "Bistro",
    "Atelier",
];

pub const TAGS: [&str; 14] = [
    "new",
    "bestseller",
    "gift",
    "handmade",
    "sustainable",
    "organic",
    "dishwasher-safe",
    "oven-safe",
    "machine-washable",
    "limited",
    "clearance",
    "made-in-europe",
    "family",
    "essentials",
];

pub const VIEWS: [&str; 4] = ["from the front", "from the side", "in use", "in detail"];

/// Sentences of a description; `{noun}` and `{material}` are filled in.
pub const OPENINGS: [&str; 8] = [
    "The {noun} for every day, made with {material}.",
    "Good {material} gives this {noun} its character.",
    "The {noun} that we kept for ourselves first.",
    "Made in small batches: the {noun} in {material}.",
    "Simple lines and good {material}: this is the {noun} to keep for years.",
    "This {noun} comes from a family workshop that knows {material} well.",
    "Few things look better with use; this {noun} does.",
    "Our {noun} pairs {material} with a calm, plain shape.",
];

pub const MIDDLES: [&str; 8] = [
    "It is checked by hand before it leaves the workshop.",
    "No two pieces are quite alike: that is the nature of {material}.",
    "It goes with everything else in the range.",
    "The edges are softened, so it is pleasant to hold.",
    "It packs flat and needs no tools.",
    "The colours are mixed to last.",
    "It has been on our own tables for years.",
    "It arrives in a box without plastic.",
];

pub const CLOSINGS: [&str; 6] = [
    "Wash at 40 degrees or wipe with a damp cloth.",
    "Keep it dry and it will outlast you.",
    "Guaranteed for ten years.",
    "Spare parts are available.",
    "A good gift for a first home.",
    "Returns are free within 60 days.",
];

/// What follows the family name in a store's.
pub const STORE_KINDS: [&str; 10] = [
    "Kitchen Supply",
    "Bedding Company",
    "Home Store",
    "Interiors",
    "Table and Hearth",
    "Linen House",
    "Living",
    "Cook Shop",
    "Sleep Studio",
    "Furnishings",
];

pub const STORE_CLAIMS: [&str; 6] = [
    "Kitchen and bedroom goods from makers that we know by name.",
    "Everything for a calm home.",
    "Good things for cooking, eating and sleeping.",
    "A family business in its third generation.",
    "Well-made basics at fair prices.",
    "Slow furniture and honest textiles.",
];
