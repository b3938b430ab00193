namespace Trainer.Data.Generate;

/// <summary>Draws an index with given odds in constant time (Vose 1991, the alias method).</summary>
internal sealed class WeightedChoice
{
    private readonly double[] _keep;
    private readonly int[] _alias;

    public WeightedChoice(double[] weights)
    {
        var n = weights.Length;
        var scale = n / weights.Sum();
        _keep = Array.ConvertAll(weights, w => w * scale);
        _alias = new int[n];
        var small = new Stack<int>(Enumerable.Range(0, n).Where(i => _keep[i] < 1));
        var large = new Stack<int>(Enumerable.Range(0, n).Where(i => _keep[i] >= 1));
        while (small.Count > 0 && large.Count > 0)
        {
            var (less, more) = (small.Pop(), large.Pop());
            _alias[less] = more;
            _keep[more] -= 1 - _keep[less];
            (_keep[more] < 1 ? small : large).Push(more);
        }

        foreach (var rest in small.Concat(large))
        {
            _keep[rest] = 1;
        }
    }

    /// <summary>An index, drawn.</summary>
    public int Draw(Prng random)
    {
        var i = random.Below(_keep.Length);
        return random.Unit() < _keep[i] ? i : _alias[i];
    }
}
