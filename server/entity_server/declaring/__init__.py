"""The declaration of a new entity: what `reference-server entity` prints, or writes into a contract document.

Everything that is true of every entity (paths, statuses, headers, envelopes, parameters) is taken from the document's
own generic paths, `/v1/{entity}`, so that it cannot drift from them; only names and fields are new.

`names` and `fields` read what was asked for, `schemas` and `block` make the declaration as a tree, `text` writes it as
the document is written, `insertion` finds the places.

Documents and texts in, texts out; no disk, no printing. Of the project it imports `entity_contract` alone.
"""

from entity_server.declaring.block import Block, declared
from entity_server.declaring.errors import DeclarationError
from entity_server.declaring.fields import NewField, parse
from entity_server.declaring.insertion import Part, inserted, parts
from entity_server.declaring.names import Names, named

__all__ = ["Block", "DeclarationError", "Names", "NewField", "Part", "declared", "inserted", "named", "parse", "parts"]
