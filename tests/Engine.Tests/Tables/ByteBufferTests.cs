using Engine.Tables.Parquet.Writing;
using Tests.Shared;

namespace Engine.Tests.Tables;

/// <summary>Bytes of a part: what a short batch needs of them is there for the next one.</summary>
public sealed class ByteBufferTests
{
    [Fact]
    public void A_megabyte_that_is_given_back_is_allocated_once()
    {
        var block = Enumerable.Range(0, 1_000).Select(i => (byte)i).ToArray();
        Assert.InRange(Allocations.Least(() => Fill().Release()), 0, 10_000);
        using var expected = new MemoryStream();
        for (var i = 0; i < 1_000; i++)
        {
            expected.Write(block);
        }

        var buffer = Fill();
        Assert.Equal(expected.ToArray(), buffer.Memory.ToArray());
        buffer.Release();
        buffer.Release();
        Assert.Equal(0, buffer.Length);
        buffer.Add(block);
        Assert.Equal(block, buffer.Memory.ToArray());

        ByteBuffer Fill()
        {
            var bytes = new ByteBuffer();
            for (var i = 0; i < 1_000; i++)
            {
                bytes.Add(block);
            }

            return bytes;
        }
    }
}
