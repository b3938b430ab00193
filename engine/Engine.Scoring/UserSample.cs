using Engine.Model;
using Engine.Model.Kernels;
using Engine.Scoring.Hosting;

namespace Engine.Scoring;

/// <summary>
/// The scores of some users for any product, the same numbers as ranking gives, at the cost of those users alone: their rows
/// lie together, and the sparse parts of their scores, taken once from each user's side, are turned to be read by product.
/// Can be asked from several threads.
/// </summary>
public sealed class UserSample
{
    private readonly ScoringModel _model;
    private readonly PinnedBuffer<float> _rows;
    private readonly FactorRows _users;

    // By product: places in the sample, ascending, and the sparse part of the score.
    private readonly int[] _offsets;
    private readonly SparseTerm[] _terms;

    /// <param name="model">The leased model; it must stay open.</param>
    /// <param name="users">User ordinals.</param>
    public UserSample(ScoringModel model, ReadOnlySpan<int> users)
    {
        _model = model;
        var stride = model.Users.Stride;
        _rows = new PinnedBuffer<float>(users.Length * stride);
        _users = new FactorRows(_rows, users.Length, model.Users.Columns, stride);
        var byUser = new SparseTerm[users.Length][];
        _offsets = new int[model.Products.Rows + 1];
        var sums = new SparseSums();
        for (var n = 0; n < users.Length; n++)
        {
            model.Users[users[n]].CopyTo(_rows.Span[(n * stride)..]);
            sums.Collect(model, ProfileRow.Of(model.Snapshot, users[n]));
            byUser[n] = sums.Terms().ToArray();
            foreach (var term in byUser[n])
            {
                _offsets[term.Ordinal + 1]++;
            }
        }

        for (var product = 0; product < model.Products.Rows; product++)
        {
            _offsets[product + 1] += _offsets[product];
        }

        _terms = new SparseTerm[_offsets[^1]];
        var next = _offsets.AsSpan(0, model.Products.Rows).ToArray();
        for (var n = 0; n < users.Length; n++)
        {
            foreach (var term in byUser[n])
            {
                _terms[next[term.Ordinal]++] = new SparseTerm(n, term.Addend);
            }
        }
    }

    /// <summary>The scores of the users, in their order.</summary>
    /// <param name="product">The product.</param>
    /// <param name="scores">One a user.</param>
    /// <exception cref="ArgumentException">Not one score a user.</exception>
    public void Score(ProductOrdinal product, Span<float> scores)
    {
        if (scores.Length != _users.Rows)
        {
            throw new ArgumentException($"found room for {scores.Length} scores, expected one for each of {_users.Rows} users");
        }

        DotProduct.ScoreRows(_model.Products[product.Value], _users, 0, scores);
        foreach (var term in _terms.AsSpan(_offsets[product.Value].._offsets[product.Value + 1]))
        {
            scores[term.Ordinal] += term.Addend;
        }
    }
}
