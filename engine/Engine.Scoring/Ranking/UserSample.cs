using Engine.Kernels;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Memory;
using Engine.Kernels.Sparse;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;

namespace Engine.Scoring.Ranking;

/// <summary>
/// The scores of some users for all products, the same numbers as ranking gives, at the cost of those users alone:
/// their rows lie together, and the sparse parts of their scores are taken from each user's side and turned to be read
/// by product.
/// </summary>
internal sealed class UserSample
{
    private readonly ScoringModel _model;
    private readonly int[] _users;
    private readonly PinnedBuffer<float> _rows;
    private readonly FactorRows _factors;
    private readonly int _threads;
    private readonly int _mostTerms;

    // By thread's share of the users, then by product: how many sparse parts there are.
    private readonly int[][] _counts;

    /// <param name="model">The leased model; it must stay open.</param>
    /// <param name="users">User ordinals.</param>
    /// <param name="threads">Threads; nothing depends on them.</param>
    /// <param name="mostTerms">Sparse parts that a part of the products may hold, 8 bytes each: bounds memory.</param>
    public UserSample(ScoringModel model, int[] users, int threads, int mostTerms = 1 << 26)
    {
        (_model, _users, _threads, _mostTerms) = (model, users, threads, mostTerms);
        var stride = model.Users.Stride;
        _rows = new PinnedBuffer<float>(users.Length * stride);
        _factors = new FactorRows(_rows, users.Length, model.Users.Columns, stride);
        for (var n = 0; n < users.Length; n++)
        {
            model.Users[users[n]][..model.Users.Columns].CopyTo(_rows.Span[(n * stride)..]);
        }

        _counts = new int[threads][];
        ForEachShare((share, first, end) =>
        {
            var counts = _counts[share] = new int[model.Products.Rows];
            ForEachTerm(first, end, (_, term) => counts[term.Ordinal]++);
        });
    }

    /// <summary>The products in parts, one after the other: a part is good until the next is asked for.</summary>
    public IEnumerable<Part> Parts()
    {
        for (int first = 0, end; first < _model.Products.Rows; first = end)
        {
            long terms = Count(first);
            for (end = first + 1; end < _model.Products.Rows && terms + Count(end) <= _mostTerms; end++)
            {
                terms += Count(end);
            }

            yield return new Part(this, first, end, (int)terms);
        }
    }

    private int Count(int product)
    {
        var count = 0;
        foreach (var share in _counts)
        {
            count += share[product];
        }

        return count;
    }

    private void ForEachShare(Action<int, int, int> visit) => Parallel.For(
        0,
        _threads,
        new ParallelOptions { MaxDegreeOfParallelism = _threads },
        share => visit(
            share, (int)((long)share * _users.Length / _threads), (int)((share + 1L) * _users.Length / _threads)));

    // By user, then by product.
    private void ForEachTerm(int first, int end, Action<int, SparseTerm> visit)
    {
        var sums = new SparseSums();
        for (var n = first; n < end; n++)
        {
            sums.Collect(_model.Snapshot, ProfileRow.Of(_model.Snapshot, _users[n]));
            foreach (var term in sums.Terms())
            {
                visit(n, term);
            }
        }
    }

    /// <summary>Some consecutive products. Can be asked from several threads.</summary>
    public sealed class Part
    {
        private readonly UserSample _sample;

        // By product: places in the sample, ascending, and the sparse part of the score.
        private readonly int[] _offsets;
        private readonly SparseTerm[] _terms;

        internal Part(UserSample sample, int first, int end, int terms)
        {
            (_sample, First, End) = (sample, first, end);
            _offsets = new int[end - first + 1];
            _terms = GC.AllocateUninitializedArray<SparseTerm>(terms);
            var next = Array.ConvertAll(sample._counts, _ => new int[end - first]);
            for (var product = first; product < end; product++)
            {
                var at = _offsets[product - first];
                for (var share = 0; share < next.Length; share++)
                {
                    next[share][product - first] = at;
                    at += sample._counts[share][product];
                }

                _offsets[product - first + 1] = at;
            }

            sample.ForEachShare((share, firstUser, endUser) =>
            {
                var place = next[share];
                sample.ForEachTerm(firstUser, endUser, (n, term) =>
                {
                    if (term.Ordinal >= first && term.Ordinal < end)
                    {
                        _terms[place[term.Ordinal - first]++] = new SparseTerm(n, term.Addend);
                    }
                });
            });
        }

        /// <summary>The first product ordinal.</summary>
        public int First { get; }

        /// <summary>One more than the last product ordinal.</summary>
        public int End { get; }

        /// <summary>Scores of consecutive products for all users of the sample.</summary>
        /// <param name="first">The first product.</param>
        /// <param name="scores">Products by users: users of one product together, in their order.</param>
        /// <exception cref="ArgumentException">Products outside the part, or not whole rows of users.</exception>
        public void Score(int first, Span<float> scores)
        {
            var users = _sample._users.Length;
            var count = users == 0 ? 0 : scores.Length / users;
            if (count * users != scores.Length || first < First || first + count > End)
            {
                throw new ArgumentException(
                    InvariantText.Of(
                        $"found {scores.Length} scores from product {first} on, expected a multiple of {users} users "
                        + $"within products {First} to {End - 1}"));
            }

            // A user at a time against the products, which stay in the first-level cache; all users' rows would not.
            var row = new float[count];
            for (var n = 0; n < users; n++)
            {
                DotProduct.ScoreRows(_sample._factors[n], _sample._model.Products, first, row);
                for (var p = 0; p < count; p++)
                {
                    scores[(p * users) + n] = row[p];
                }
            }

            for (var p = 0; p < count; p++)
            {
                var product = first + p - First;
                foreach (var term in _terms.AsSpan(_offsets[product].._offsets[product + 1]))
                {
                    scores[(p * users) + term.Ordinal] += term.Addend;
                }
            }
        }
    }
}
