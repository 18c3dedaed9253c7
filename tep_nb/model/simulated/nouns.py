# ruff: noqa: E501  tables
"""Words for things, by kind: what the simulated model knows about the world."""

from __future__ import annotations

from tep_nb.model.simulated.text import words

__all__ = ["CLASSIFIERS", "EVERYTHING", "IRREGULAR", "KINDS", "KIND_NAMES", "NUMBERS"]

KINDS: dict[str, str] = {
    "fruit": (
        "apple apricot avocado banana blackberry blueberry cantaloupe cherry clementine coconut cranberry date fig grape grapefruit "
        "guava kiwi kumquat lemon lime lychee mandarin mango melon mulberry nectarine olive orange papaya peach pear persimmon "
        "pineapple plum pomegranate quince raspberry strawberry tangerine watermelon"
    ),
    "vegetable": (
        "artichoke asparagus aubergine beet beetroot broccoli cabbage carrot cauliflower celery chard corn courgette cucumber "
        "eggplant fennel garlic kale leek lettuce mushroom okra onion parsnip pea pepper potato pumpkin radish rhubarb scallion "
        "shallot spinach squash sweetcorn tomato turnip yam zucchini"
    ),
    "animal": (
        "ant bear beaver bee bird butterfly camel cat chicken chimpanzee cow crab crocodile crow deer dog dolphin donkey duck eagle "
        "elephant ferret fish fly fox frog giraffe goat goldfish goose guinea-pig hamster hen hippo horse kangaroo kitten koala lion "
        "lizard lobster llama monkey mouse octopus owl ox panda parrot penguin pig pigeon pony puppy rabbit rat rooster seal shark sheep "
        "snail snake spider squirrel swan tiger toad tortoise turkey turtle whale wolf zebra"
    ),
    "instrument": (
        "accordion bagpipe banjo bassoon bongo bugle cello clarinet cymbal drum fiddle flute gong guitar harmonica harp harpsichord "
        "horn keyboard lute lyre mandolin maraca oboe organ piano piccolo recorder saxophone sitar synthesizer tambourine triangle "
        "trombone trumpet tuba ukulele viola violin xylophone"
    ),
    "furniture": (
        "armchair bed bench bookcase bookshelf cabinet chair couch cupboard desk dresser footstool nightstand ottoman recliner rug "
        "shelf sofa stool table wardrobe"
    ),
    "appliance": (
        "blender computer dishwasher dryer fan freezer fridge heater iron kettle lamp laptop microwave mixer oven phone radio "
        "refrigerator stereo stove telephone television toaster vacuum"
    ),
    "vehicle": "ambulance bicycle bike boat bus car motorcycle plane scooter ship taxi tractor train tram truck van",
    "tool": "chisel drill hammer pliers rake saw scissors screwdriver shovel spade wrench",
    "clothing": "belt blouse boot cap coat dress glove hat jacket jumper scarf shirt shoe skirt sock sweater tie trousers",
    "object": (
        "bag ball basket blanket book bottle bowl box brush bucket camera candle clock comb cup fork glass key knife ladder mirror "
        "mug notebook pan pen pencil pillow plate pot ring rope ruler spoon suitcase towel toy umbrella vase wallet watch"
    ),
}
"""Kind to nouns in the singular, separated by blanks; a hyphen stands for a blank."""

KIND_NAMES: dict[str, str] = {
    "fruit": "fruit fruits",
    "vegetable": "vegetable vegetables veggie veggies veg",
    "animal": "animal animals creature creatures pet pets",
    "instrument": "instrument instruments musical-instrument musical-instruments",
    "furniture": "furniture pieces-of-furniture",
    "appliance": "appliance appliances household-appliances devices",
    "vehicle": "vehicle vehicles",
    "tool": "tool tools",
    "clothing": "clothes garment garments items-of-clothing pieces-of-clothing",
    "object": "object objects thing things item items",
}
"""How a question names a kind."""

EVERYTHING = "object"
"""The kind that holds every noun: who asks for objects asks for all of them."""

CLASSIFIERS: frozenset[str] = words("head heads stalk stalks clove cloves bulb bulbs ear ears bunch bunches piece pieces slice slices pair pairs bag bags box boxes")
"""Words of measure: ``two heads of broccoli`` and ``two lettuce heads`` are two things."""

IRREGULAR: dict[str, str] = {
    "mice": "mouse", "geese": "goose", "oxen": "ox", "sheep": "sheep", "fish": "fish", "deer": "deer", "wolves": "wolf",
    "calves": "calf", "knives": "knife", "shelves": "shelf", "bookshelves": "bookshelf", "scarves": "scarf", "octopi": "octopus",
    "tomatoes": "tomato", "potatoes": "potato", "mangoes": "mango", "pianos": "piano", "cellos": "cello", "avocados": "avocado",
    "pliers": "pliers", "scissors": "scissors", "trousers": "trousers", "fishes": "fish", "loaves": "loaf", "leaves": "leaf",
}  # fmt: skip
"""Plurals that follow no rule."""

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
)
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
NUMBERS: dict[str, int] = {word: value for value, word in enumerate(_UNITS.split())} | _TENS
"""Number words up to twenty, and the tens."""
