using System.CommandLine;
using Engine.Kernels.Arithmetic;
using Engine.Snapshots;
using Engine.Snapshots.Mapping;
using Engine.Snapshots.Writing;

namespace Bench;

/// <summary>
/// A trained snapshot with its users many times over: every copy has its user's history and profile, and the factors
/// with 5 % of jitter. For tasks of a size that would take too long to train.
/// </summary>
internal static class GrowCommand
{
    public static Command Create()
    {
        var snapshot = new Option<FileInfo>("--snapshot") { Description = "A trained .snapshot file", Required = true };
        var copies = new Option<int>("--copies") { Description = "Users of the result for each user", Required = true };
        var output = new Option<DirectoryInfo>("--out") { Description = "The folder of snapshots", Required = true };
        var dense = new Option<bool>("--dense")
        {
            Description = "Without profiles and histories: scores are their dense part alone",
        };
        var factors = new Option<DirectoryInfo?>("--factors")
        {
            Description = "With --dense: items.f32 and users.f32 of `factors`, of as many rows, "
                + "instead of the learned ones; all rates are 0",
        };
        var command = new Command("grow", "Publish a snapshot with the users of another one many times over")
        {
            snapshot,
            copies,
            output,
            dense,
            factors,
        };
        command.SetAction(parsed =>
        {
            using var source = Snapshot.OpenVerified(parsed.GetRequiredValue(snapshot).FullName);
            var content = Content(source, parsed.GetRequiredValue(copies), parsed.GetValue(dense));
            if (parsed.GetValue(factors) is { } folder)
            {
                content = WithFactors(content, folder.FullName, parsed.GetRequiredValue(copies));
            }

            Console.WriteLine(new SnapshotDirectory(parsed.GetRequiredValue(output).FullName).Publish(content));
        });
        return command;
    }

    private static SnapshotContent Content(Snapshot source, int copies, bool dense)
    {
        var manifest = source.Manifest;
        var (users, products) = (manifest.UserCount, manifest.ProductCount);
        return new SnapshotContent
        {
            Manifest = manifest with { UserCount = users * copies },
            Report = source.Report,
            UserIds = [.. Enumerable
                .Range(0, users * copies)
                .Select(user => $"{source.UserIds.Get(user % users)}-{user / users}")],
            ProductIds = [.. Enumerable.Range(0, products).Select(source.ProductIds.Get)],
            ProductNames = [.. Enumerable.Range(0, products).Select(source.ProductNames.Get)],
            UserFactors = Users(source.UserFactors, manifest.FactorCount, copies),
            ProductFactors = Products(source),
            Spectrum = source.Spectrum.AsSpan().ToArray(),
            ProductBuyers = Array.ConvertAll(source.ProductBuyers.AsSpan().ToArray(), buyers => buyers * copies),
            ProductRepeat = source.ProductRepeat.AsSpan().ToArray(),
            ProductQuantiles = source.ProductQuantiles.AsSpan().ToArray(),
            DerivesProfile = true,
            Profile = new SparseContent([0], [], []),
            ProfileHistory = [],
            ProfileOwn = [],
            History = dense
                ? new HistoryContent(new long[(users * copies) + 1], [], [], [], [])
                : History(source, copies),
            Similarity = Repeat(source.Similarity, 1),
            Related = Related(source),
            Tags = [.. source.Tags.Select(tag => Tag(tag))],
        };
    }

    // Products in descending norm of these factors; the ids stay where they are, so they name other products than
    // before.
    private static SnapshotContent WithFactors(SnapshotContent content, string folder, int copies)
    {
        var count = content.Manifest.FactorCount;
        var items = BenchData.Read(Path.Combine(folder, "items.f32"), count, 1, byNorm: true);
        var users = BenchData.Read(Path.Combine(folder, "users.f32"), count, 1, byNorm: false);
        var products = new FactorContent(items.Rows, count + 2);
        for (var product = 0; product < items.Rows; product++)
        {
            items[product][..count].CopyTo(products.Row(product));
        }

        return content with { ProductFactors = products, UserFactors = Users(users, count, copies) };
    }

    private static FactorContent Users(FactorRows rows, int factors, int copies)
    {
        var grown = new FactorContent(rows.Rows * copies, factors + 2);
        Parallel.For(0, copies, copy =>
        {
            var random = new Random(copy);
            for (var user = 0; user < rows.Rows; user++)
            {
                var row = grown.Row((copy * rows.Rows) + user);
                rows[user][..rows.Columns].CopyTo(row);
                for (var k = 0; k < factors && copy > 0; k++)
                {
                    row[k] *= 1 + ((random.NextSingle() - 0.5f) * 0.1f);
                }
            }
        });
        return grown;
    }

    private static FactorContent Products(Snapshot source)
    {
        var rows = source.ProductFactors;
        var same = new FactorContent(rows.Rows, rows.Columns);
        for (var product = 0; product < rows.Rows; product++)
        {
            rows[product][..rows.Columns].CopyTo(same.Row(product));
        }

        return same;
    }

    private static SparseContent Repeat(MappedSparseMatrix matrix, int copies)
    {
        var rows = (int)matrix.Rows;
        var offsets = new long[(rows * copies) + 1];
        var indices = new int[matrix.Count * copies];
        var values = new float[matrix.Count * copies];
        for (var row = 0; row < rows * copies; row++)
        {
            var own = matrix.Row(row % rows);
            own.Indices.CopyTo(indices.AsSpan((int)offsets[row]));
            own.Values.CopyTo(values.AsSpan((int)offsets[row]));
            offsets[row + 1] = offsets[row] + own.Count;
        }

        return new SparseContent(offsets, indices, values);
    }

    private static HistoryContent History(Snapshot source, int copies)
    {
        var users = source.Manifest.UserCount;
        var count = source.History.Count * copies;
        var grown = new HistoryContent(
            new long[(users * copies) + 1], new int[count], new ushort[count], new byte[count], new ushort[count]);
        for (var user = 0; user < users * copies; user++)
        {
            var own = source.History.Row(user % users);
            var start = (int)grown.Offsets[user];
            for (var i = 0; i < own.Count; i++)
            {
                grown.Products[start + i] = own.Product(i);
                grown.Days[start + i] = (ushort)own.Day(i);
                grown.Types[start + i] = own.Type(i);
                grown.Counts[start + i] = (ushort)own.Units(i);
            }

            grown.Offsets[user + 1] = start + own.Count;
        }

        return grown;
    }

    private static RelatedContent Related(Snapshot source)
    {
        var products = source.Manifest.ProductCount;
        var same = new RelatedContent(
            new long[products + 1],
            new int[source.Related.Count],
            new float[source.Related.Count],
            new int[source.Related.Count],
            source.Related.HasPartials ? new float[source.Related.Count] : null);
        for (var product = 0; product < products; product++)
        {
            var at = (int)same.Offsets[product];
            foreach (var (other, strength, support, partial) in source.Related.Row(product))
            {
                (same.Products[at], same.Strengths[at], same.Supports[at]) = (other, strength, support);
                if (same.Partials is { } partials)
                {
                    partials[at] = partial!.Value;
                }

                at++;
            }

            same.Offsets[product + 1] = at;
        }

        return same;
    }

    private static TagContent Tag(MappedTag tag) => new()
    {
        Offsets = OrNone(tag.Offsets),
        Codes = OrNone(tag.Codes),
        Words = tag.Codes.Length == 0 ? null : [.. Enumerable.Range(0, tag.Words.Count).Select(tag.Words.Get)],
        Numbers = OrNone(tag.Numbers),
        Times = OrNone(tag.Times),
    };

    private static T[]? OrNone<T>(MappedArray<T> array)
        where T : unmanaged => array.Length == 0 ? null : array.AsSpan().ToArray();
}
