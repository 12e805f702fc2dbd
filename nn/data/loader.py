"""DataLoader: batches of a dataset, epoch after epoch, repeatable and resumable."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import numpy as np
from numpy import ndarray

import nn.random as random
from autograd import Node, OperandError
from nn.data.batch import collate
from nn.data.dataset import ArrayDataset, examples, is_plain, rng, take
from nn.data.prefetch import ahead
from nn.data.sampler import BatchSampler, RandomSampler, SequentialSampler
from nn.functional.refusal import refuse
from nn.state import StateError

__all__ = ["DataLoader"]

_END = object()


@dataclass
class _Epoch:
    """One passage through the data. Its seed decides about everything random in it."""

    number: int = 0
    seed: int = 0
    position: int = 0  # batches handed out
    finished: bool = True


class DataLoader:
    """Batches of a dataset, as PyTorch's: go through it once for each epoch.

    `dataset` is an ArrayDataset, whose batches are cut out of its arrays at once (a tuple of arrays counts as one);
    another Dataset, a list of examples or whatever has a length and indices; or something to go through, an
    IterableDataset.

    - `batch_size`: examples in a batch; None for single ones, not collated. The last batch may be smaller, or is left
      out with `drop_last`.
    - `shuffle`: another order in each epoch. `sampler` decides instead about the order, and `batch_sampler` about
      whole batches.
    - `collate_fn`: makes a batch of a list of examples, instead of `collate`.
    - `transform`: called with the parts of each batch, `transform(x, y)`; what it returns is the batch. For the
      augmentation of images.
    - `generator`: a seed, or a generator of NumPy's, for everything random here; otherwise `nn`'s, which
      `nn.manual_seed` restarts.
    - `prefetch`: how many batches to make ahead, in a thread. An error in it is raised where its batch was due.
      PyTorch's `num_workers` counts as two batches for each; its `pin_memory` is taken, and means nothing.

    >>> import nn, numpy as np
    >>> loader = nn.data.DataLoader(nn.data.ArrayDataset(np.arange(5)), batch_size=2, shuffle=True, generator=0)
    >>> [x.tolist() for (x,) in loader]
    [[3, 2], [0, 4], [1]]
    >>> [x.tolist() for (x,) in loader]
    [[0, 4], [3, 1], [2]]

    At the beginning of an epoch one number is drawn from the generator, if chance has a part in it at all. It decides
    about the order, and together with the number of a batch about all that is random in the making of that batch, if
    it is drawn from `nn`'s generator: in samplers, datasets and transforms. So neither threads nor interruptions change
    anything, and `state_dict()`, taken after any batch, lets another loader continue with the next one.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool = False,
        *,
        sampler: Any = None,
        batch_sampler: Any = None,
        drop_last: bool = False,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        transform: Callable[..., Any] | None = None,
        generator: np.random.Generator | int | None = None,
        prefetch: int = 0,
        num_workers: int = 0,
        pin_memory: bool = False,
    ) -> None:
        prefetch = prefetch or 2 * num_workers
        dataset = ArrayDataset(*dataset) if isinstance(dataset, tuple) else dataset
        self._check(dataset, batch_size, shuffle, sampler, batch_sampler, drop_last, prefetch)
        self.dataset = dataset
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.collate_fn = collate_fn
        self.transform = transform
        self.generator = None if generator is None else rng(generator)
        self.prefetch = prefetch
        self.sampler = self.batch_sampler = None
        if batch_sampler is not None:
            self.batch_size, self.batch_sampler = None, batch_sampler
        elif self.is_indexed:
            self.sampler = sampler
            if sampler is None:
                self.sampler = RandomSampler(dataset) if shuffle else SequentialSampler(dataset)
            if batch_size is not None:
                self.batch_sampler = BatchSampler(self.sampler, batch_size, drop_last)
        elif batch_size is not None:
            BatchSampler((), batch_size)  # the size is checked
        own = (collate_fn, transform, batch_sampler, sampler)
        self._plain = is_plain(dataset) and all(thing is None for thing in own)
        self._epoch = _Epoch()
        self._resumes = False

    @staticmethod
    def _check(
        dataset: Any, size: Any, shuffle: bool, sampler: Any, batch_sampler: Any, drop: bool, ahead: Any
    ) -> None:
        """Refuse arguments that contradict each other."""
        if isinstance(size, ndarray | Node):
            refuse(
                OperandError, "DataLoader(x, y) has an array as batch_size.", "Give one dataset: DataLoader((x, y))."
            )
        if hasattr(dataset, "train") and hasattr(dataset, "test"):
            refuse(OperandError, f"DataLoader of {dataset!r:.80}.", "Give one of its parts: data.train or data.test.")
        if hasattr(dataset, "__next__"):
            refuse(
                OperandError,
                f"DataLoader of {dataset!r:.80}, which can be gone through only once.",
                "Give a list of the examples, or an IterableDataset whose __iter__ begins anew.",
            )
        indexed = hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__")
        if not indexed and not hasattr(dataset, "__iter__"):
            refuse(OperandError, f"DataLoader of {dataset!r:.80}: it has neither indices nor an __iter__ method.")
        if isinstance(dataset, Mapping):
            refuse(OperandError, "DataLoader of a dict.", "Arrays by name are given as ArrayDataset(x, y).")
        if not indexed and (shuffle or sampler is not None or batch_sampler is not None):
            refuse(
                OperandError,
                f"DataLoader of a {type(dataset).__name__}, which has no indices, cannot choose an order.",
                "Leave out shuffle and samplers, or give a dataset with __len__ and __getitem__.",
            )
        if shuffle and (sampler is not None or batch_sampler is not None):
            refuse(OperandError, "DataLoader with shuffle=True and a sampler: both would decide about the order.")
        if batch_sampler is not None and (size != 1 or sampler is not None or drop):
            refuse(
                OperandError,
                "DataLoader with a batch_sampler: it decides alone about batch_size, sampler and drop_last.",
            )
        if size is None and drop:
            refuse(
                OperandError, "DataLoader with batch_size=None gives single examples: there is no last batch to drop."
            )
        if not isinstance(ahead, int) or ahead < 0:
            refuse(OperandError, f"prefetch={ahead!r:.80}: it is how many batches to make ahead, 0 for none.")

    @property
    def is_indexed(self) -> bool:
        """Whether the dataset has indices, and is not a stream."""
        return hasattr(self.dataset, "__getitem__") and hasattr(self.dataset, "__len__")

    def __len__(self) -> int:
        """The number of batches of an epoch. Errors: TypeError for a stream that does not know its length."""
        if self.batch_sampler is not None:
            return len(self.batch_sampler)
        n = len(self.dataset if self.sampler is None else self.sampler)
        size = self.batch_size or 1
        return n // size if self.drop_last else -(-n // size)

    def __iter__(self) -> Iterator[Any]:
        """Begin an epoch; or continue the one that `load_state_dict` has brought."""
        if not self._resumes:
            shuffled = isinstance(self.sampler, RandomSampler)
            seed = int(rng(self.generator).integers(2**63)) if shuffled or not self._plain else 0
            self._epoch = _Epoch(self._epoch.number + 1, seed, finished=False)
        self._resumes = False
        return self._run(self._epoch)

    def _run(self, epoch: _Epoch) -> Iterator[Any]:
        batches = self._batches(epoch.seed, epoch.position)
        with closing(ahead(batches, self.prefetch) if self.prefetch else batches) as made:
            for batch in made:
                epoch.position += 1
                yield batch
        epoch.finished = True

    def _batches(self, seed: int, skip: int) -> Generator[Any]:
        """The batches of an epoch but for the first ones. The order, and each batch, has a generator of its own."""
        of_order = np.random.default_rng(seed)
        if self._plain and self.batch_sampler is not None:  # chance has a part in the order alone
            with random.drawing_from(of_order):
                order = iter(self.batch_sampler)
            for indices in islice(order, skip, None):
                yield self.dataset.take(indices)
            return
        source = self._source()
        for number in count(1):
            with random.drawing_from(of_order):
                drawn = next(source, _END)
            if drawn is _END:
                return
            if number > skip:
                with random.drawing_from(np.random.default_rng([seed, number])):
                    batch = self._batch(drawn)
                yield batch
                del batch

    def _source(self) -> Iterator[Any]:
        """What batches are made of: indices; or the examples themselves, where there are no indices."""
        if self.is_indexed:
            order: Any = self.sampler if self.batch_sampler is None else self.batch_sampler
            yield from order
        elif self.batch_size is None:
            yield from self.dataset
        else:
            examples = iter(self.dataset)
            while found := list(islice(examples, self.batch_size)):
                if len(found) == self.batch_size or not self.drop_last:
                    yield found

    def _batch(self, drawn: Any) -> Any:
        """A batch, or one example where `batch_size` is None."""
        if self.batch_sampler is None and self.batch_size is None:
            found = self.dataset[int(drawn)] if self.is_indexed else drawn
            batch = found if self.collate_fn is None else self.collate_fn(found)
        elif self.collate_fn is None:
            batch = take(self.dataset, drawn) if self.is_indexed else collate(drawn)
        else:
            batch = self.collate_fn(examples(self.dataset, drawn) if self.is_indexed else drawn)
        if self.transform is None:
            return batch
        parts = batch if isinstance(batch, tuple) else (batch,)
        try:
            return self.transform(*parts)
        except TypeError as error:
            error.add_note(f"  in a transform, which a loader calls with all parts of a batch, here {len(parts)}")
            raise

    # Stopping and continuing

    def state_dict(self) -> dict[str, ndarray]:
        """Where the loader stands, as arrays by name, which `nn.save` takes.

        In the body of a loop over the loader, the batch that was handed out last counts as done. A loader without a
        generator of its own begins further epochs with `nn`'s, whose state `nn.get_rng_state` gives.

        >>> import nn
        >>> loader = nn.data.DataLoader(range(6), 2, shuffle=True, generator=0)
        >>> for batch in loader:
        ...     state = loader.state_dict()
        ...     break
        >>> again = nn.data.DataLoader(range(6), 2, shuffle=True, generator=0)
        >>> again.load_state_dict(state)
        >>> [batch.tolist() for batch in again]
        [[0, 4], [1, 5]]
        """
        state = {
            "epoch": np.array(self._epoch.number),
            "position": np.array(self._epoch.position),
            "finished": np.array(self._epoch.finished),
            "seed": np.array(self._epoch.seed),
            "examples": np.array(len(self.dataset) if hasattr(self.dataset, "__len__") else -1),
            "batch_size": np.array(self.batch_size or 0),
        }
        if self.generator is not None:
            state["generator"] = random.dump(self.generator)
        return state

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Stand where another loader of the same data stood: the next loop gives the rest of the epoch it was in.

        When that epoch was finished, the next one begins as its next one would have.

        Errors: StateError when it is no such state, or of other data or another batch size; nothing is changed then.
        """
        own = self.state_dict()
        if not isinstance(state_dict, Mapping) or own.keys() != state_dict.keys():
            given = sorted(state_dict) if isinstance(state_dict, Mapping) else state_dict
            raise StateError(f"a loader's state has the names {sorted(own)}, and this has {given!r:.200}.")
        for name in ("examples", "batch_size"):
            if int(state_dict[name]) != int(own[name]):
                raise StateError(
                    f"the state is of a loader with {name} = {state_dict[name]}, and this has {own[name]}."
                )
        if self.generator is not None:
            random.load(self.generator, state_dict["generator"])
        number, seed, position = (int(state_dict[name]) for name in ("epoch", "seed", "position"))
        self._epoch = _Epoch(number, seed, position, bool(state_dict["finished"]))
        self._resumes = not self._epoch.finished

    def __repr__(self) -> str:
        shown = ["shuffle=True"] if isinstance(self.sampler, RandomSampler) else []
        shown += [
            f"{name}={value!r}" for name in ("drop_last", "prefetch", "transform") if (value := getattr(self, name))
        ]
        return f"DataLoader({', '.join([repr(self.dataset)[:80], f'batch_size={self.batch_size}', *shown])})"
