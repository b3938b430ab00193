using Engine.Kernels.Solve;
using Engine.Kernels.Sparse;

namespace Trainer.Models.Ridge;

/// <summary>
/// The ridge systems of <see cref="LocalRidge"/> and its supervised twin: G_NN + lam I of a few chosen items, solved.
/// Entries that the Gram has dropped count as 0. Scratch of one thread.
/// </summary>
/// <param name="neighbors">Chosen items at most, 65,535 or fewer.</param>
/// <param name="items">Items in all.</param>
public sealed class SubGram(int neighbors, int items)
{
    // Rows of the Gram are at random addresses: so many are prefetched.
    private const int Ahead = 2;

    private readonly DenseSystem _system = new(neighbors);
    private readonly MemberSet _chosen = new(items);

    // The row in the system of each chosen item.
    private readonly ushort[] _place = new ushort[items];
    private int[] _found = [];

    /// <summary>
    /// Solves (G_NN + lam I) w = b; a Gram without its weak entries may be indefinite: then lam is multiplied by 4
    /// until it is not.
    /// </summary>
    /// <param name="gram">G.</param>
    /// <param name="chosen">N, ascending.</param>
    /// <param name="ridge">lam, above 0.</param>
    /// <param name="right">Sets b; called again for each lam that is tried.</param>
    /// <param name="weights">Receives w; as long as N.</param>
    public void Solve(IGram gram, ReadOnlySpan<int> chosen, float ridge, Action<float[]> right, float[] weights)
    {
        for (var strength = ridge; chosen.Length > 0; strength *= 4)
        {
            Fill(gram, chosen, strength);
            right(weights);
            if (_system.Solve(weights))
            {
                return;
            }
        }
    }

    /// <summary>
    /// The weights w >= 0 of least w'(G_NN + lam I)w / 2 - b'w + l1 sum(w), most of them 0: see
    /// <see cref="NonNegativeLasso"/>.
    /// </summary>
    /// <param name="gram">G, without negative entries.</param>
    /// <param name="chosen">N, ascending.</param>
    /// <param name="ridge">lam, above 0.</param>
    /// <param name="penalty">l1, 0 or more.</param>
    /// <param name="right">Sets b.</param>
    /// <param name="weights">Receives w; as long as N.</param>
    public void SolveSparse(
        IGram gram, ReadOnlySpan<int> chosen, float ridge, float penalty, Action<float[]> right, float[] weights)
    {
        Fill(gram, chosen, ridge);
        for (var row = 1; row < chosen.Length; row++)
        {
            for (var column = 0; column < row; column++)
            {
                _system.Row(row)[column] = _system.Row(column)[row];
            }
        }

        var values = new float[chosen.Length];
        right(values);
        NonNegativeLasso.Solve(row => _system.Row(row), values, penalty, weights);
    }

    private void Fill(IGram gram, ReadOnlySpan<int> chosen, float strength)
    {
        for (var n = 0; n < chosen.Length; n++)
        {
            _system.Row(n)[..chosen.Length].Clear();
            _system.Row(n)[n] = gram.Diagonal[chosen[n]] + strength;
            _place[chosen[n]] = (ushort)n;
            _chosen.Add(chosen[n]);
        }

        for (var n = 0; n < chosen.Length; n++)
        {
            if (n + Ahead < chosen.Length)
            {
                MemberSet.Announce(gram.Lower(chosen[n + Ahead]));
            }

            FillColumn(n, gram.Lower(chosen[n]), gram.Values(chosen[n]));
        }

        foreach (var item in chosen)
        {
            _chosen.Remove(item);
        }
    }

    // The part of a row left of the diagonal is the part of a column above it.
    private void FillColumn(int column, ReadOnlySpan<int> columns, ReadOnlySpan<float> values)
    {
        if (_found.Length < columns.Length)
        {
            _found = new int[columns.Length];
        }

        foreach (var e in _found.AsSpan(0, _chosen.Find(columns, _found)))
        {
            _system.Row(_place[columns[e]])[column] = values[e];
        }
    }
}
