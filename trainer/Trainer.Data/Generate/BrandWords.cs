namespace Trainer.Data.Generate;

/// <summary>One category of the generated brand.</summary>
/// <param name="Code">The start of its product ids.</param>
/// <param name="Name">Its name.</param>
/// <param name="Weight">How much of the brand's business it is.</param>
/// <param name="Price">Its median price.</param>
/// <param name="CycleDays">After how many days a product is used up; 0 = it is not.</param>
/// <param name="PeakMonth">The month of its season, 1..12; 0 = none.</param>
/// <param name="Complement">The index of the category that is bought along with it.</param>
/// <param name="Sizes">The sizes its products come in, with slashes.</param>
/// <param name="Nouns">What its products are.</param>
internal sealed record BrandCategory(
    string Code, string Name, double Weight, double Price, int CycleDays, int PeakMonth, int Complement, string Sizes,
    string[] Nouns);

/// <summary>The words that the generated brand is made of.</summary>
internal static class BrandWords
{
    public static readonly BrandCategory[] Categories =
    [
        new(
            "COF",
            "Coffee",
            3.0,
            14,
            28,
            0,
            6,
            "250g/500g/1kg",
            ["Espresso Beans", "Filter Roast", "Decaf Beans", "Cold Brew Packs", "Coffee Pods"]),
        new(
            "TEA",
            "Tea",
            2.0,
            9,
            40,
            12,
            6,
            "50g/100g",
            ["Green Tea", "Black Tea", "Rooibos", "Chai", "Herbal Infusion"]),
        new(
            "SKN",
            "Skin care",
            2.6,
            24,
            55,
            1,
            3,
            "30ml/50ml/100ml",
            ["Day Cream", "Night Serum", "Face Wash", "Sun Milk", "Eye Gel"]),
        new(
            "HAI",
            "Hair care",
            1.8,
            16,
            45,
            0,
            2,
            "200ml/400ml",
            ["Shampoo", "Conditioner", "Hair Oil", "Styling Clay", "Scalp Tonic"]),
        new(
            "CND",
            "Candles",
            1.4,
            22,
            0,
            12,
            7,
            "S/M/L",
            ["Scented Candle", "Pillar Candle", "Tealights", "Reed Diffuser", "Wax Melts"]),
        new(
            "KIT",
            "Kitchen",
            1.6,
            38,
            0,
            0,
            6,
            "S/M/L",
            ["Frying Pan", "Chef's Knife", "Mixing Bowl", "Cutting Board", "Storage Jar"]),
        new("TAB", "Tableware", 1.3, 18, 0, 12, 0, "", ["Mug", "Dinner Plate", "Teapot", "Milk Jug", "Espresso Cup"]),
        new(
            "BED",
            "Bedding",
            1.0,
            59,
            0,
            11,
            4,
            "single/double/king",
            ["Duvet Cover", "Pillowcase", "Throw", "Fitted Sheet", "Quilt"]),
        new(
            "GAR",
            "Garden",
            1.2,
            27,
            0,
            5,
            5,
            "",
            ["Plant Pot", "Watering Can", "Seed Mix", "Pruning Shears", "Bird Feeder"]),
        new(
            "PAP",
            "Stationery",
            0.9,
            8,
            0,
            9,
            4,
            "A4/A5/A6",
            ["Notebook", "Fountain Pen", "Planner", "Letter Set", "Washi Tape"]),
        new(
            "PET",
            "Pet food",
            1.5,
            21,
            30,
            0,
            11,
            "1kg/3kg/10kg",
            ["Dog Kibble", "Cat Pouches", "Chew Sticks", "Puppy Mix", "Grain-Free Tins"]),
        new(
            "BAB",
            "Baby care",
            1.1,
            19,
            21,
            0,
            2,
            "S/M/L/XL",
            ["Nappies", "Baby Wipes", "Bath Foam", "Balm", "Swaddle"]),
    ];

    public static readonly string[] Lines = ["Harbour", "Meadow", "Atelier", "Nordlys", "Terracotta", "Everyday"];

    public static readonly string[] Colors =
        ["ivory", "sage", "indigo", "amber", "charcoal", "blush", "teal", "ochre", "slate", "rust"];

    public static readonly string[] Adjectives =
    [
        "Gentle", "Bold", "Wild", "Quiet", "Golden", "Rustic", "Velvet", "Crisp", "Mellow", "Northern", "Classic",
        "Little",
        "Grand", "Pure", "Woven", "Misty", "Sunny", "Silver", "Copper", "Old Town", "Coastal", "Hidden", "Early",
        "Late",
        "Royal", "Plain", "Soft", "Bright", "Deep", "Fresh",
    ];

    public static readonly string[] Notes =
    [
        "Cedar", "Lemon", "Oat", "Juniper", "Fig", "Clover", "Honey", "Linen", "Rosemary", "Almond", "Ginger", "Pine",
        "Vanilla",
        "Mint", "Sea Salt", "Lavender", "Cherry", "Hazel", "Birch", "Orange", "Walnut", "Thyme", "Plum", "Cocoa",
        "Nettle",
        "Bergamot", "Pepper", "Maple", "Lily", "Basil", "Apricot", "Smoke",
    ];
}
