namespace Trainer.Models.Trees;

/// <summary>
/// Features by bins: at most 64 a feature, of about equal numbers of rows. Bin b holds the values above threshold b-1
/// and up to threshold b, so that a split between bins is the comparison that a tree makes with the value itself.
/// </summary>
internal sealed class FeatureBins
{
    /// <summary>Bins of a feature at most.</summary>
    public const int Most = 64;

    private const int MostSampled = 100_000;

    private readonly float[][] _thresholds;
    private readonly byte[][] _codes;

    /// <param name="rows">n x features, row-major, without NaN.</param>
    /// <param name="features">Features of a row.</param>
    public FeatureBins(float[] rows, int features)
    {
        Rows = rows.Length / features;
        _thresholds = new float[features][];
        _codes = new byte[features][];
        var step = Math.Max(1, Rows / MostSampled);
        for (var f = 0; f < features; f++)
        {
            var place = f;
            var sample = Enumerable.Range(0, (Rows + step - 1) / step).Select(n => rows[(n * step * features) + place])
                .Order().ToArray();
            _thresholds[f] = [
                .. Enumerable.Range(1, Most - 1).Select(b => sample[(int)((long)b * sample.Length / Most)]).Distinct(),
            ];
            _codes[f] = new byte[Rows];
            for (var row = 0; row < Rows; row++)
            {
                var at = Array.BinarySearch(_thresholds[f], rows[(row * features) + f]);
                _codes[f][row] = (byte)(at >= 0 ? at : ~at);
            }
        }
    }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Features.</summary>
    public int Features => _codes.Length;

    /// <summary>The bin of each row.</summary>
    public byte[] Codes(int feature) => _codes[feature];

    /// <summary>Where a feature may be split: after each bin but the last.</summary>
    public int Splits(int feature) => _thresholds[feature].Length;

    /// <summary>The greatest value of a bin.</summary>
    public float Threshold(int feature, int bin) => _thresholds[feature][bin];
}
