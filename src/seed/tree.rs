//! The category tree of the made-up shop: departments, their ranges, and leaves under which products are filed.
//!
//! A leaf knows what its products are called, made of, sized by and cost, so that a name and its price make sense together.

use super::words::{Family, Scale};
use Family::{Ceramic, Filling, Furniture, Glass, Metal, Textile, Wood};
use Scale::{Bed, Length, Pan, Pieces, Size, Volume};

/// A top category.
pub struct Department {
    pub name: &'static str,
    pub ranges: &'static [Range],
}

/// A category within a department.
pub struct Range {
    pub name: &'static str,
    pub leaves: &'static [Leaf],
}

/// A category that products are filed under.
pub struct Leaf {
    pub name: &'static str,
    /// What one of its products is.
    pub noun: &'static str,
    pub family: Family,
    pub scale: Scale,
    /// The cheapest and the dearest of its products, in euros.
    pub euros: (i64, i64),
}

/// All leaves, in the order of the tree.
pub fn leaves() -> Vec<&'static Leaf> {
    TREE.iter().flat_map(|department| department.ranges).flat_map(|range| range.leaves).collect()
}

const fn leaf(name: &'static str, noun: &'static str, family: Family, scale: Scale, low: i64, high: i64) -> Leaf {
    Leaf { name, noun, family, scale, euros: (low, high) }
}

pub const TREE: &[Department] = &[
    Department {
        name: "Kitchen",
        ranges: &[
            Range {
                name: "Cookware",
                leaves: &[
                    leaf("Frying Pans", "Frying Pan", Metal, Pan, 25, 140),
                    leaf("Saucepans", "Saucepan", Metal, Pan, 22, 120),
                    leaf("Casseroles", "Casserole", Metal, Volume, 45, 280),
                    leaf("Stockpots", "Stockpot", Metal, Volume, 35, 190),
                    leaf("Woks", "Wok", Metal, Pan, 28, 110),
                ],
            },
            Range {
                name: "Bakeware",
                leaves: &[
                    leaf("Cake Tins", "Cake Tin", Metal, Pan, 8, 40),
                    leaf("Loaf Tins", "Loaf Tin", Metal, Size, 9, 35),
                    leaf("Baking Dishes", "Baking Dish", Ceramic, Volume, 14, 75),
                    leaf("Mixing Bowls", "Mixing Bowl", Ceramic, Volume, 12, 60),
                    leaf("Rolling Pins", "Rolling Pin", Wood, Length, 10, 38),
                ],
            },
            Range {
                name: "Knives and Boards",
                leaves: &[
                    leaf("Chef Knives", "Chef Knife", Metal, Size, 30, 240),
                    leaf("Bread Knives", "Bread Knife", Metal, Size, 22, 150),
                    leaf("Knife Blocks", "Knife Block", Wood, Size, 35, 160),
                    leaf("Bread Boards", "Bread Board", Wood, Size, 18, 85),
                    leaf("Chopping Boards", "Chopping Board", Wood, Size, 15, 120),
                ],
            },
            Range {
                name: "Tableware",
                leaves: &[
                    leaf("Dinner Plates", "Dinner Plate", Ceramic, Pieces, 9, 45),
                    leaf("Soup Bowls", "Soup Bowl", Ceramic, Pieces, 8, 38),
                    leaf("Mugs", "Mug", Ceramic, Pieces, 7, 32),
                    leaf("Cutlery", "Cutlery Set", Metal, Pieces, 30, 220),
                    leaf("Serving Platters", "Serving Platter", Wood, Size, 20, 95),
                ],
            },
            Range {
                name: "Glassware",
                leaves: &[
                    leaf("Wine Glasses", "Wine Glass", Glass, Pieces, 8, 48),
                    leaf("Tumblers", "Tumbler", Glass, Pieces, 5, 28),
                    leaf("Carafes", "Carafe", Glass, Volume, 14, 70),
                    leaf("Storage Jars", "Storage Jar", Glass, Volume, 6, 30),
                    leaf("Jugs", "Jug", Glass, Volume, 12, 58),
                ],
            },
            Range {
                name: "Coffee and Tea",
                leaves: &[
                    leaf("Teapots", "Teapot", Ceramic, Volume, 22, 110),
                    leaf("Kettles", "Kettle", Metal, Volume, 35, 150),
                    leaf("Coffee Makers", "Coffee Maker", Glass, Volume, 24, 180),
                    leaf("Coffee Grinders", "Coffee Grinder", Metal, Size, 30, 210),
                    leaf("Tea Trays", "Tea Tray", Wood, Size, 18, 80),
                ],
            },
            Range {
                name: "Kitchen Textiles",
                leaves: &[
                    leaf("Tea Towels", "Tea Towel", Textile, Pieces, 6, 28),
                    leaf("Aprons", "Apron", Textile, Size, 18, 65),
                    leaf("Oven Gloves", "Oven Glove", Textile, Pieces, 9, 34),
                    leaf("Tablecloths", "Tablecloth", Textile, Length, 25, 130),
                    leaf("Napkins", "Napkin", Textile, Pieces, 5, 24),
                ],
            },
        ],
    },
    Department {
        name: "Bedroom",
        ranges: &[
            Range {
                name: "Bed Linen",
                leaves: &[
                    leaf("Duvet Covers", "Duvet Cover", Textile, Bed, 40, 260),
                    leaf("Fitted Sheets", "Fitted Sheet", Textile, Bed, 22, 120),
                    leaf("Flat Sheets", "Flat Sheet", Textile, Bed, 24, 130),
                    leaf("Pillowcases", "Pillowcase", Textile, Pieces, 10, 55),
                    leaf("Valances", "Valance", Textile, Bed, 28, 110),
                ],
            },
            Range {
                name: "Duvets and Pillows",
                leaves: &[
                    leaf("Duvets", "Duvet", Filling, Bed, 55, 480),
                    leaf("Pillows", "Pillow", Filling, Pieces, 18, 140),
                    leaf("Mattress Toppers", "Mattress Topper", Filling, Bed, 70, 420),
                    leaf("Mattress Protectors", "Mattress Protector", Filling, Bed, 25, 110),
                    leaf("Bolsters", "Bolster", Filling, Size, 20, 85),
                ],
            },
            Range {
                name: "Blankets and Throws",
                leaves: &[
                    leaf("Throws", "Throw", Textile, Size, 30, 180),
                    leaf("Blankets", "Blanket", Textile, Bed, 45, 260),
                    leaf("Quilts", "Quilt", Textile, Bed, 70, 340),
                    leaf("Bedspreads", "Bedspread", Textile, Bed, 60, 300),
                    leaf("Heated Blankets", "Heated Blanket", Textile, Bed, 50, 160),
                ],
            },
            Range {
                name: "Beds and Mattresses",
                leaves: &[
                    leaf("Bed Frames", "Bed Frame", Furniture, Bed, 220, 1800),
                    leaf("Headboards", "Headboard", Furniture, Bed, 120, 900),
                    leaf("Mattresses", "Mattress", Filling, Bed, 180, 1600),
                    leaf("Day Beds", "Day Bed", Furniture, Size, 260, 1400),
                    leaf("Slatted Bases", "Slatted Base", Furniture, Bed, 60, 320),
                ],
            },
            Range {
                name: "Bedroom Furniture",
                leaves: &[
                    leaf("Bedside Tables", "Bedside Table", Furniture, Size, 70, 480),
                    leaf("Chests of Drawers", "Chest of Drawers", Furniture, Size, 180, 1200),
                    leaf("Wardrobes", "Wardrobe", Furniture, Length, 320, 2400),
                    leaf("Dressing Tables", "Dressing Table", Furniture, Size, 160, 980),
                    leaf("Blanket Boxes", "Blanket Box", Furniture, Size, 110, 620),
                ],
            },
        ],
    },
    Department {
        name: "Home",
        ranges: &[
            Range {
                name: "Lighting",
                leaves: &[
                    leaf("Table Lamps", "Table Lamp", Ceramic, Size, 40, 280),
                    leaf("Floor Lamps", "Floor Lamp", Metal, Length, 80, 460),
                    leaf("Pendant Lights", "Pendant Light", Glass, Size, 55, 380),
                    leaf("Wall Lights", "Wall Light", Metal, Size, 35, 220),
                    leaf("Lampshades", "Lampshade", Textile, Pan, 18, 95),
                ],
            },
            Range {
                name: "Bathroom",
                leaves: &[
                    leaf("Bath Towels", "Bath Towel", Textile, Pieces, 14, 68),
                    leaf("Bath Mats", "Bath Mat", Textile, Size, 16, 75),
                    leaf("Shower Curtains", "Shower Curtain", Textile, Length, 18, 80),
                    leaf("Soap Dishes", "Soap Dish", Ceramic, Size, 7, 34),
                    leaf("Laundry Baskets", "Laundry Basket", Wood, Volume, 30, 140),
                ],
            },
            Range {
                name: "Soft Furnishings",
                leaves: &[
                    leaf("Cushions", "Cushion", Textile, Size, 16, 90),
                    leaf("Curtains", "Curtain", Textile, Length, 40, 260),
                    leaf("Rugs", "Rug", Textile, Length, 60, 900),
                    leaf("Seat Pads", "Seat Pad", Textile, Pieces, 12, 48),
                    leaf("Poufs", "Pouf", Textile, Size, 50, 240),
                ],
            },
            Range {
                name: "Storage",
                leaves: &[
                    leaf("Baskets", "Basket", Wood, Volume, 15, 85),
                    leaf("Shelves", "Shelf", Furniture, Length, 35, 280),
                    leaf("Hooks", "Hook Rail", Metal, Length, 12, 70),
                    leaf("Storage Boxes", "Storage Box", Wood, Volume, 14, 78),
                    leaf("Coat Stands", "Coat Stand", Furniture, Size, 60, 320),
                ],
            },
            Range {
                name: "Decoration",
                leaves: &[
                    leaf("Vases", "Vase", Glass, Size, 14, 150),
                    leaf("Candle Holders", "Candle Holder", Metal, Pieces, 9, 65),
                    leaf("Mirrors", "Mirror", Glass, Size, 45, 420),
                    leaf("Picture Frames", "Picture Frame", Wood, Size, 10, 80),
                    leaf("Wall Clocks", "Wall Clock", Wood, Pan, 25, 160),
                ],
            },
            Range {
                name: "Dining Furniture",
                leaves: &[
                    leaf("Dining Tables", "Dining Table", Furniture, Length, 280, 2600),
                    leaf("Dining Chairs", "Dining Chair", Furniture, Pieces, 70, 460),
                    leaf("Benches", "Bench", Furniture, Length, 120, 680),
                    leaf("Bar Stools", "Bar Stool", Furniture, Pieces, 65, 380),
                    leaf("Sideboards", "Sideboard", Furniture, Length, 260, 1900),
                ],
            },
            Range {
                name: "Outdoor Living",
                leaves: &[
                    leaf("Garden Chairs", "Garden Chair", Furniture, Pieces, 55, 420),
                    leaf("Garden Tables", "Garden Table", Furniture, Length, 120, 1300),
                    leaf("Planters", "Planter", Ceramic, Volume, 16, 180),
                    leaf("Lanterns", "Lantern", Metal, Size, 18, 120),
                    leaf("Picnic Blankets", "Picnic Blanket", Textile, Size, 28, 130),
                ],
            },
        ],
    },
];
