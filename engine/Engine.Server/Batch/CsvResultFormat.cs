using Engine.Model.Kernels;
using Engine.Scoring.Batch;
using Engine.Tables.Columnar;

namespace Engine.Server.Batch;

/// <summary>CSV in UTF-8, LF line ends: user_id,item_rank,item_id,score; of a single product user_id,item_id,score.</summary>
internal sealed class CsvResultFormat(BatchPlan plan) : ResultFormat
{
    private readonly List<ByteBuffer> _slices = [];

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Header { get; } =
        plan.IsSingleProduct ? "user_id,item_id,score\n"u8.ToArray() : "user_id,item_rank,item_id,score\n"u8.ToArray();

    /// <inheritdoc/>
    public override byte[] Encode(BatchRows rows, int threads, Stream output)
    {
        // Answers are lent as spans, which threads cannot share: each slice is copied out first.
        var slices = Slices(rows, threads);
        while (_slices.Count < slices.Count)
        {
            _slices.Add(new ByteBuffer());
        }

        Parallel.For(0, slices.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, i => Encode(slices[i], _slices[i]));
        for (var i = 0; i < slices.Count; i++)
        {
            output.Write(_slices[i].Memory.Span);
        }

        return [];
    }

    /// <inheritdoc/>
    public override byte[] Footer(IReadOnlyList<JournalEntry> parts) => [];

    private static List<Slice> Slices(BatchRows rows, int threads)
    {
        var size = Math.Max(1, (rows.Users.Length + threads - 1) / threads);
        var slices = new List<Slice>();
        for (var first = 0; first < rows.Users.Length; first += size)
        {
            var count = Math.Min(size, rows.Users.Length - first);
            var products = new List<ScoredProduct>();
            for (var i = first; i < first + count; i++)
            {
                products.AddRange(rows.Of(i));
            }

            slices.Add(new Slice(rows.Users.Slice(first, count).ToArray(), rows.Counts.Slice(first, count).ToArray(), products));
        }

        return slices;
    }

    private void Encode(Slice slice, ByteBuffer text)
    {
        var (users, products) = (plan.Model.Snapshot.UserIds, plan.Model.Snapshot.ProductIds);
        var at = 0;
        text.Clear();
        for (var i = 0; i < slice.Users.Length; i++)
        {
            for (var rank = 1; rank <= slice.Counts[i]; rank++)
            {
                var product = slice.Products[at++];
                text.AddCell(users.Utf8(slice.Users[i]));
                text.Add((byte)',');
                if (!plan.IsSingleProduct)
                {
                    text.AddNumber(rank);
                    text.Add((byte)',');
                }

                text.AddCell(products.Utf8(product.Ordinal));
                text.Add((byte)',');
                text.AddNumber(product.Score);
                text.Add((byte)'\n');
            }
        }
    }

    private sealed record Slice(int[] Users, int[] Counts, List<ScoredProduct> Products);
}
