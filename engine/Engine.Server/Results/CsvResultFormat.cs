using Engine.Scoring.Batch;
using Engine.Scoring.Queries;
using Engine.Tables.Parquet.Writing;

namespace Engine.Server.Results;

/// <summary>CSV in UTF-8, LF line ends, with the columns of <see cref="ResultColumns"/>.</summary>
internal sealed class CsvResultFormat(BatchPlan plan) : ResultFormat
{
    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Header { get; } = System.Text.Encoding.UTF8.GetBytes(
        string.Join(',', ResultColumns.Of(plan).Select(column => column.Name)) + "\n");

    /// <inheritdoc/>
    public override PartEncoder NewEncoder() => new Encoder(plan);

    /// <inheritdoc/>
    public override byte[] Footer(IReadOnlyList<JournalEntry> parts) => [];

    private sealed class Encoder(BatchPlan plan) : PartEncoder
    {
        private readonly RowMeaning _meaning = new(plan);
        private readonly ByteBuffer _user = new();
        private EncodedPart _part = new();

        public override void Begin(EncodedPart target)
        {
            _part = target;
            target.Bytes.Clear();
            (target.Rows, target.Detail) = (0, []);
        }

        public override void Add(BatchRows rows)
        {
            var (text, products, reasons) = (_part.Bytes, plan.Model.Snapshot.ProductIds, plan.Reasons);
            for (var i = 0; i < rows.Users.Length; i++)
            {
                _user.Clear();
                _user.AddCell(plan.Model.Snapshot.UserIds.Utf8(rows.Users[i].Value));
                _user.Add((byte)',');
                var rank = 0;
                foreach (var product in rows.Of(i))
                {
                    text.Add(_user.Memory.Span);
                    if (!plan.IsSingleProduct)
                    {
                        text.AddNumber(++rank);
                        text.Add((byte)',');
                    }

                    text.AddCell(products.Utf8(product.Product.Value));
                    text.Add((byte)',');
                    text.AddNumber(product.Score);
                    AddMeaning(text, product);
                    if (reasons is not null)
                    {
                        text.Add((byte)',');
                        text.AddCell(reasons.OfUser(rows.Users[i]));
                        text.Add((byte)',');
                        text.AddCell(reasons.OfProduct(product.Product));
                    }

                    if (plan.Reranker is not null)
                    {
                        text.Add((byte)',');
                        text.Add(ResultColumns.Yes);
                    }

                    text.Add((byte)'\n');
                }

                _part.Rows += rows.Counts[i];
            }
        }

        public override void End()
        {
        }

        private void AddMeaning(ByteBuffer text, ScoredProduct row)
        {
            text.Add((byte)',');
            if (_meaning.HasProbability)
            {
                text.AddNumber(_meaning.Probability(row.Score));
            }

            text.Add((byte)',');
            if (_meaning.HasPercentile)
            {
                text.AddNumber(_meaning.Percentile(row));
            }

            text.Add((byte)',');
            text.AddCell(plan.Model.Snapshot.ProductNames.Utf8(row.Product.Value));
        }
    }
}
