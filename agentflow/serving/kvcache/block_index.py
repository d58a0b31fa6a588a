"""Which saved blocks continue which: a prompt is followed from block to block, the last one token by token."""

from agentflow.serving.kvcache.radix_tree import common
from agentflow.serving.kvcache.state_block import BLOCK_TOKENS, StateBlock, block_key


class BlockIndex:
    def __init__(self, root: bytes) -> None:
        self.root = root
        self.children: dict[bytes, dict[bytes, StateBlock]] = {}
        self.by_key: dict[bytes, StateBlock] = {}

    def match(self, tokens: list[int]) -> list[StateBlock]:
        """The blocks that begin like `tokens`, in order; of the last one perhaps only its first tokens fit."""
        found: list[StateBlock] = []
        parent, depth = self.root, 0
        while depth < len(tokens) and (siblings := self.children.get(parent)):
            piece = tokens[depth : depth + BLOCK_TOKENS]
            block = siblings.get(block_key(parent, piece))
            if block is None:
                block = max(siblings.values(), key=lambda one: common(one.tokens, piece))
                if not common(block.tokens, piece):
                    break
            found.append(block)
            if len(block.tokens) < BLOCK_TOKENS or block.tokens != piece:
                break
            parent, depth = block.key, depth + BLOCK_TOKENS
        return found

    def find(self, parent: bytes, tokens: list[int]) -> StateBlock | None:
        """A block behind `parent` that holds these tokens, and perhaps more."""
        siblings = self.children.get(parent, {})
        if exact := siblings.get(block_key(parent, tokens)):
            return exact
        return next((one for one in siblings.values() if one.tokens[: len(tokens)] == tokens), None)

    def add(self, block: StateBlock) -> list[StateBlock]:
        """Returns the shorter blocks that it makes superfluous; they leave the index."""
        siblings = self.children.get(block.parent, {}).values()
        shorter = [one for one in siblings if one.tokens == block.tokens[: len(one.tokens)]]
        for one in shorter:
            self.remove(one.key)
        self.children.setdefault(block.parent, {})[block.key] = block
        self.by_key[block.key] = block
        return [one for one in shorter if one.key != block.key]

    def remove(self, key: bytes) -> None:
        """What continues it cannot be reached any more."""
        block = self.by_key.pop(key, None)
        if block is None:
            return
        siblings = self.children[block.parent]
        del siblings[key]
        if not siblings:
            del self.children[block.parent]

    def clear(self) -> None:
        self.children.clear()
        self.by_key.clear()
