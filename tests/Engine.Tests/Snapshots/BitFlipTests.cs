using Engine.Snapshots;
using Engine.Snapshots.Format;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Snapshots;

public class BitFlipTests
{
    [Fact]
    public void No_single_flipped_bit_is_ever_served()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("s.snapshot");
        SnapshotWriter.Write(path, RandomSnapshot.Content(31, users: 12, products: 10));
        var bytes = File.ReadAllBytes(path);

        // One bit of a hundred, and at least 1,000; header and table wholly.
        var random = new Random(31);
        var head = Enumerable.Range(0, 8 * 1024);
        var body = Enumerable
            .Range(0, Math.Max(1000, bytes.Length * 8 / 100))
            .Select(_ => random.Next(bytes.Length * 8));
        var refused = 0;
        foreach (var bit in head.Concat(body))
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(path, bytes);
            Assert.Throws<SnapshotFormatException>(() => Snapshot.OpenVerified(path).Dispose());
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            refused++;
        }

        Assert.True(refused >= 9_000, $"{refused} flips");
        File.WriteAllBytes(path, bytes);
        Snapshot.OpenVerified(path).Dispose();
    }

    [Fact]
    public void A_snapshot_in_which_one_bit_of_a_hundred_is_flipped_is_refused_whatever_the_bits()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("s.snapshot");
        SnapshotWriter.Write(path, RandomSnapshot.Content(32, users: 12, products: 10));
        var original = File.ReadAllBytes(path);
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var bytes = original.ToArray();
            for (var flip = 0; flip < bytes.Length * 8 / 100; flip++)
            {
                var bit = random.Next(bytes.Length * 8);
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }

            File.WriteAllBytes(path, bytes);
            Assert.Throws<SnapshotFormatException>(() => Snapshot.OpenVerified(path).Dispose());
        }
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("s.snapshot");
        SnapshotWriter.Write(path, RandomSnapshot.Content(33, users: 12, products: 10));
        var bytes = File.ReadAllBytes(path);
        for (var length = 0; length < bytes.Length; length += 61)
        {
            File.WriteAllBytes(path, bytes[..length]);
            Assert.ThrowsAny<InputException>(() => Snapshot.OpenVerified(path).Dispose());
        }
    }
}
