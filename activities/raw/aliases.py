"""Names that different sources give to one player, normalised and without suffixes.

Each group is one player. Measured on the recorded seasons, extended with forms that books and agencies are
known to use. A name is added here by hand, when it has been seen and checked: never guessed.
"""

from __future__ import annotations

GROUPS: tuple[tuple[str, ...], ...] = (
    ("bubcarrington", "carltoncarrington"),
    ("nicclaxton", "nicolasclaxton"),
    ("herbertjones", "herbjones"),
    ("moritzwagner", "moewagner"),
    ("ronaldholland", "ronholland"),
    ("vincewilliams", "vincentwilliams"),
    ("brandonboston", "bjboston"),
    ("jayhuff", "jameshuff"),
    ("camchristie", "cameronchristie"),
    ("elijahharkless", "ejharkless"),
    ("alexsarr", "alexandresarr"),
    ("camthomas", "cameronthomas"),
    ("camjohnson", "cameronjohnson"),
    ("camwhitmore", "cameronwhitmore"),
    ("camreddish", "cameronreddish"),
    ("camspencer", "cameronspencer"),
    ("boneshyland", "nahshonhyland"),
    ("dennisschroder", "dennisschroeder"),
    ("egordemin", "yegordemin"),
    ("ggjackson", "gregoryjackson"),
    ("jakobpoeltl", "jakobpoltl"),
    ("juanchohernangomez", "juanhernangomez"),
    ("kjmartin", "kenyonmartin"),
    ("luguentzdort", "ludort"),
    ("louwilliams", "louiswilliams"),
    ("maxikleber", "maximiliankleber"),
    ("mobamba", "mohamedbamba"),
    ("nicolasbatum", "nicbatum"),
    ("oganunoby", "ogugaanunoby"),
    ("pattymills", "patrickmills"),
    ("robdillingham", "robertdillingham"),
    ("santialdama", "santiagoaldama"),
    ("svimykhailiuk", "sviatoslavmykhailiuk"),
    ("yanghansen", "hansenyang"),
)

CANONICAL = {name: group[0] for group in GROUPS for name in group}
