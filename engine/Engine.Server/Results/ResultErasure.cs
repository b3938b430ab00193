using System.Buffers.Binary;
using Engine.Scoring.Events;
using Engine.Snapshots.Writing;
using Engine.Tables.Parquet.Writing;

namespace Engine.Server.Results;

/// <summary>
/// Takes users out of a stored result. Parts without them are copied as they are; the others are encoded again. The new
/// file replaces the old one by an atomic rename; whoever reads the old one reads it to its end.
/// </summary>
internal static class ResultErasure
{
    /// <summary>Rewrites a result without some users.</summary>
    /// <returns>The rows taken out; 0 changes nothing.</returns>
    /// <exception cref="InputException">The result cannot be read or written.</exception>
    public static long Apply(string path, IReadOnlyList<ResultColumn> columns, UserTest isGone)
    {
        Settle(path);
        using var file = ResultFile.Open(path, columns);
        var part = new ResultPart();
        if (!Enumerable.Range(0, file.Parts).Any(number => Holds(file, number, part, isGone)))
        {
            return 0;
        }

        var next = ReplacementOf(path);
        BatchOutput.Drop(next);
        var header = "PAR1"u8;
        long rows = 0;
        using (var output = BatchOutput.Open(next, "erased", header))
        {
            for (var number = 0; number < file.Parts; number++)
            {
                file.Read(number, part);
                var encoded = new EncodedPart();
                if (part.Rows > 0 && !Users(part).Any(code => isGone(part.Users.Text(code))))
                {
                    file.Copy(number, encoded);
                }
                else
                {
                    Encode(
                        part,
                        file.Columns,
                        [.. Enumerable.Range(0, part.Rows).Where(row => !isGone(part.Users.Of(row)))],
                        encoded);
                }

                output.AddPart(encoded);
                rows += encoded.Rows;
            }

            output.Complete(ParquetResultFormat.FooterOf(file.Columns, output.Parts, header.Length), keepIndex: true);
        }

        // A crash in between leaves a list of parts that fits under its second name, where a reader looks for it.
        AtomicFile.Rename(next, path);
        Settle(path);
        return file.Rows - rows;
    }

    /// <summary>Where the new file is until it has its name.</summary>
    public static string ReplacementOf(string path) => path + ".erased";

    // Gives the list of parts of a file that has its name already its name, too.
    private static void Settle(string path)
    {
        var index = BatchOutput.IndexOf(ReplacementOf(path));
        if (File.Exists(index) && !File.Exists(ReplacementOf(path)) && ResultFile.Fits(path, index))
        {
            AtomicFile.Rename(index, BatchOutput.IndexOf(path));
        }
    }

    private delegate void CellWriter(Span<byte> cell, int row);

    private static IEnumerable<int> Users(ResultPart part) => Enumerable.Range(0, part.Users.Distinct);

    private static bool Holds(ResultFile file, int number, ResultPart part, UserTest isGone)
    {
        file.Read(number, part);
        return part.Rows > 0 && Users(part).Any(code => isGone(part.Users.Text(code)));
    }

    private static void Encode(ResultPart part, IReadOnlyList<ResultColumn> columns, int[] rows, EncodedPart target)
    {
        target.Rows = rows.Length;
        target.Detail = rows.Length == 0 ? [] : new byte[columns.Count * ChunkPlace.Size];
        var chunk = new ParquetChunk();
        for (var i = 0; i < columns.Count && rows.Length > 0; i++)
        {
            switch (columns[i].Type)
            {
                case ParquetType.Number64:
                    AddOptional(
                        chunk,
                        rows,
                        sizeof(double),
                        part.Probability(rows[0]) is not null,
                        (cell, row) => BinaryPrimitives.WriteDoubleLittleEndian(cell, part.Probability(row)!.Value));
                    break;
                case ParquetType.Number32 when columns[i].Optional:
                    AddOptional(
                        chunk,
                        rows,
                        sizeof(float),
                        part.Percentile(rows[0]) is not null,
                        (cell, row) => BinaryPrimitives.WriteSingleLittleEndian(cell, part.Percentile(row)!.Value));
                    break;
                case ParquetType.Number32:
                    AddScores(chunk, part, rows);
                    break;
                case ParquetType.Whole32:
                    AddRanks(chunk, part, rows);
                    break;
                default:
                    AddTexts(chunk, part.Texts(columns[i].Name), rows);
                    break;
            }

            target.Bytes.Add(chunk.Bytes.Span);
            chunk.Place.Write(target.Detail, i);
        }
    }

    private static void AddScores(ParquetChunk chunk, ResultPart part, int[] rows)
    {
        var bytes = chunk.Begin().Take(rows.Length * sizeof(float));
        for (var i = 0; i < rows.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes[(i * sizeof(float))..], part.Score(rows[i]));
        }

        chunk.EndData(rows.Length);
    }

    // One run of definition levels says whether all cells are there, or none.
    private static void AddOptional(ParquetChunk chunk, int[] rows, int bytes, bool isThere, CellWriter write)
    {
        var page = chunk.Begin();
        page.Take(sizeof(int));
        ParquetChunk.AddRun(page, isThere ? 1 : 0, rows.Length, bits: 1);
        BinaryPrimitives.WriteInt32LittleEndian(page.Written[..sizeof(int)], page.Length - sizeof(int));
        for (var i = 0; isThere && i < rows.Length; i++)
        {
            write(page.Take(bytes), rows[i]);
        }

        chunk.EndData(rows.Length);
    }

    private static void AddRanks(ParquetChunk chunk, ResultPart part, int[] rows)
    {
        var page = chunk.Begin();
        var last = rows.Max(part.Rank);
        for (var rank = 1; rank <= last; rank++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(page.Take(sizeof(int)), rank);
        }

        AddCodes(chunk, [.. rows.Select(row => part.Rank(row) - 1)], last);
    }

    // Only texts of rows that stay: the others must leave the dictionary too.
    private static void AddTexts(ParquetChunk chunk, TextColumn texts, int[] rows)
    {
        var page = chunk.Begin();
        var places = new Dictionary<int, int>();
        var codes = new int[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var code = texts.Codes[rows[i]];
            if (!places.TryGetValue(code, out codes[i]))
            {
                places.Add(code, codes[i] = places.Count);
                var text = texts.Text(code);
                BinaryPrimitives.WriteInt32LittleEndian(page.Take(sizeof(int)), text.Length);
                page.Add(text);
            }
        }

        AddCodes(chunk, codes, places.Count);
    }

    private static void AddCodes(ParquetChunk chunk, int[] codes, int distinct)
    {
        var page = chunk.EndDictionary(distinct);
        var bits = ParquetChunk.BitsFor(distinct);
        page.Add((byte)bits);
        ParquetChunk.AddPacked(page, codes, bits);
        chunk.EndData(codes.Length);
    }
}
