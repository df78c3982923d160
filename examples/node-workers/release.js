console.log(`releasing on ${process.env.DYNO}`)
