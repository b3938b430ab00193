using System.IO.Compression;
using System.Text;
using Engine.Tables;
using Engine.Tables.Csv;
using Engine.Tables.Rows;
using Tests.Shared;

namespace Engine.Tests.Tables;

/// <summary>Files that are not what their names say, cut ones, and headers that a person takes for another.</summary>
public sealed class OddFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("t.csv.gz", "user_id,product_id\nu1,p1\n", "found the text 'user_id,product_id'", "take .gz off")]
    [InlineData("t.csv.gz", "", "found a file of 0 bytes", "expected gzip data")]
    [InlineData("t.csv.gz", "\u0001\u0002caf\u00e9", "found the bytes 0102636166C3A9", "the bytes 1F 8B")]
    [InlineData("t.csv.gz", "PK\u0003\u0004\u0014\0", "found a ZIP archive", "expected gzip data")]
    [InlineData("t.csv.gz", "PAR1\u0015\u0004", "found a Parquet file", "end in .parquet")]
    [InlineData("t.csv", "PK\u0003\u0004\u0014\0", "found a ZIP archive or an Excel file", "save it as CSV")]
    [InlineData("t.tsv", "PAR1\u0015\u0004", "found a Parquet file", "end in .parquet")]
    public void A_file_that_is_not_what_its_name_says_is_named(string name, string text, params string[] words)
    {
        var path = _folder.Write(name, text);
        foreach (var open in (Action[])[() => TableFile.Open(path).Dispose(), () => CsvSniffer.Inspect(path)])
        {
            var error = Assert.Throws<TableException>(open);
            Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
            Assert.StartsWith($"{path} cannot be read: ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Gzip_data_under_the_name_of_a_text_is_named_and_letters_of_another_kind_are_text()
    {
        File.WriteAllBytes(_folder.File("t.csv"), Zip("a,b\n1,2\n"));
        var error = Assert.Throws<TableException>(() => TableFile.Open(_folder.File("t.csv")));
        Assert.Contains("found gzip data; expected text. Let its name", error.Message, StringComparison.Ordinal);
        using var rows = TableFile.Open(_folder.Write("par.csv", "PAR1,b\n1,2\n"));
        Assert.Equal(["PAR1", "b"], rows.Columns);
    }

    [Theory]
    [InlineData("3,4\r5,6\r7,8\r", "several rows in line 3")]
    [InlineData("\"3\"x,4\r5,6\r7,8\r", "several rows in line 3")]
    [InlineData("3,4\0\0\0\0\0\0,8\n", "found NUL bytes in line 3")]
    [InlineData("3,4\n\0\0\0\0", "found NUL bytes in line 4")]
    public void A_row_that_stands_for_many_is_refused_not_rejected_as_one(string behind, string said)
    {
        var error = Assert.Throws<TableException>(() => ReadAll(_folder.Write("t.csv", "a,b\n1,2\n" + behind)));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3,4\r\n")]
    [InlineData("3,x\ry\n")]
    [InlineData("3,x\0\0\n")]
    [InlineData("3\r4\n")]
    public void A_single_odd_row_is_a_row(string behind) =>
        Assert.Equal(2, ReadAll(_folder.Write("t.csv", "a,b\n1,2\n" + behind)));

    [Fact]
    public void Every_cut_of_a_compressed_file_is_refused_by_all_who_read_it()
    {
        var whole = Zip("a,b\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"{i},x{i * 7919 % 1000}\n")));
        var path = _folder.File("t.csv.gz");
        for (var left = 2; left < whole.Length; left++)
        {
            File.WriteAllBytes(path, whole[..left]);
            var read = Assert.Throws<TableException>(() => ReadAll(path));
            Assert.Contains("is cut off or damaged after", read.Message, StringComparison.Ordinal);
            Assert.Contains(path, read.Message, StringComparison.Ordinal);
            Assert.StartsWith(path, Assert.Throws<TableException>(() => CsvSniffer.Inspect(path)).Message);
        }

        whole[^6] ^= 1;
        File.WriteAllBytes(path, whole);
        var changed = Assert.Throws<TableException>(() => ReadAll(path));
        Assert.Contains("gzip -t", changed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_behind_the_gzip_data_are_refused_by_all_who_read_it_and_several_members_are_one_text()
    {
        var rows = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i},x{i * 7919 % 1000}\n"));
        var path = _folder.File("t.csv.gz");
        foreach (var text in (string[])["a,b\n1,2\n", "a,b\n" + rows])
        {
            byte[] whole = [.. Zip(text), .. Zip(""), .. Zip("3,4\n")];
            File.WriteAllBytes(path, whole);
            Assert.Equal(text.Count(letter => letter == '\n'), ReadAll(path));
            foreach (var more in (byte[][])[[0], [(byte)'5'], [0x1F], [.. "5,6\n"u8], new byte[9_000]])
            {
                File.WriteAllBytes(path, [.. whole, .. more]);
                var error = Assert.Throws<TableException>(() => ReadAll(path));
                Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
                Assert.Contains(
                    more is [0x1F] ? "cut off or damaged" : "found other bytes behind its gzip data",
                    error.Message,
                    StringComparison.Ordinal);
                if (text.Length < whole.Length)
                {
                    Assert.Throws<TableException>(() => CsvSniffer.Inspect(path));
                }
            }
        }
    }

    [Fact]
    public void What_was_compressed_twice_is_named()
    {
        var twice = new MemoryStream();
        using (var zip = new GZipStream(twice, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(Zip("a,b\n1,2\n"));
        }

        File.WriteAllBytes(_folder.File("t.csv.gz"), twice.ToArray());
        var error = Assert.Throws<TableException>(() => ReadAll(_folder.File("t.csv.gz")));
        Assert.Contains("Unpack it once", error.Message, StringComparison.Ordinal);
    }

    // Where the data ends within what is read at once makes no difference.
    [Fact]
    public void Bytes_behind_the_gzip_data_are_found_wherever_it_ends()
    {
        var path = _folder.File("t.csv.gz");
        var random = new Random(1);
        for (var length = 8_150; length < 8_250; length++)
        {
            var text = new byte[length];
            random.NextBytes(text);
            var whole = Zip("a\n" + Convert.ToHexString(text));
            File.WriteAllBytes(path, whole);
            ReadAll(path);
            File.WriteAllBytes(path, [.. whole, (byte)'x']);
            Assert.Throws<TableException>(() => ReadAll(path));
        }
    }

    [Theory]
    [InlineData("User_ID,b", "user_id", "Was 'User_ID' meant?")]
    [InlineData("user id,b", "user_id", "Was 'user id' meant?")]
    [InlineData("b, user_id", "user_id", @"Was '\u0020user_id' meant?")]
    [InlineData("user_id ,b", "user_id", @"Was 'user_id\u0020' meant?")]
    [InlineData("\uFEFFuser_id,b", "user_id", @"Was '\uFEFFuser_id' meant?")]
    [InlineData("b,user_id\u00A0", "user_id", @"Was 'user_id\u00A0' meant?")]
    [InlineData("b,\uFF35ser-Id", "user_id", "Was '\uFF35ser-Id' meant?")]
    [InlineData("a,b", "user_id", "If its first line is a row")]
    [InlineData("USER_ID,User_Id", "user_id", "If its first line is a row")]
    public void A_header_that_a_person_takes_for_the_name_is_offered(string header, string wanted, string hint)
    {
        var path = _folder.File("t.csv");
        File.WriteAllText(path, $"{header}\n1,2\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        var error = Assert.Throws<TableException>(() => TableFile.Open(path, [wanted]));
        Assert.Contains(hint, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    private static int ReadAll(string path)
    {
        using var rows = TableFile.Open(path);
        var count = 0;
        while (rows.Read())
        {
            count++;
        }

        return count;
    }

    private static byte[] Zip(string text)
    {
        var bytes = new MemoryStream();
        using (var zip = new GZipStream(bytes, CompressionLevel.Optimal, leaveOpen: true))
        {
            zip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }
}
